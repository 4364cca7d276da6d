import { PutObjectCommand } from '@aws-sdk/client-s3'
import { abortable, isBackupError, type PutCall } from '@s3db-backup/core'
import { type Attempt, startAttempt } from '../connection/attempt.js'
import type { Connection } from '../connection/connection.js'
import { checkStored } from '../ownership.js'
import { sendFinal } from './final-request.js'
import { uploadInParts } from './multipart.js'
import { bufferPool, cut } from './parts.js'
import { putParameters } from './put-parameters.js'
import { abortUploads, retract } from './retract.js'

/**
 * Streams a body of unknown length into an object: one PutObject if it fits into a part, else a multipart
 * upload, which becomes an object only with its last request. Nothing is spooled to disk; `queueSize` parts are
 * under way while the next one fills.
 */
export async function upload(
  connection: Connection,
  key: string,
  body: AsyncIterable<Uint8Array>,
  call: PutCall,
): Promise<{ readonly bytes: number }> {
  const attempt = startAttempt(key, call)
  try {
    await sendBody(connection, attempt, watched(body, attempt))
    if (attempt.createsSent > 0) await checkStored(connection, attempt)
  } catch (error) {
    const first = attempt.fail(error)
    throw withLeftovers(first, await retract(connection, attempt))
  }
  // The SDK repeated the request because an answer was lost; the upload of the lost answer still exists.
  if (attempt.createsSent > 1) await abortUploads(connection, attempt, call.signal)
  return { bytes: attempt.bytes }
}

async function sendBody(
  connection: Connection,
  attempt: Attempt,
  body: AsyncIterable<Uint8Array>,
): Promise<void> {
  const { partSize, queueSize } = connection.options
  const pool = bufferPool(partSize, queueSize + 1)
  const parts = cut(body, pool)
  const { value: first } = await parts.next()
  if (first === undefined) return
  if (!first.last) return uploadInParts(connection, attempt, first, parts, pool)
  const parameters = putParameters(connection, attempt)
  await sendFinal(connection, attempt, new PutObjectCommand({ ...parameters, Body: first.bytes }))
}

/** Counts the body, and stops the requests under way when it fails. */
async function* watched(body: AsyncIterable<Uint8Array>, attempt: Attempt): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of abortable(body, attempt.signal)) {
      attempt.bytes += chunk.byteLength
      yield chunk
    }
  } catch (error) {
    throw attempt.fail(error)
  }
}

function withLeftovers(error: unknown, leftovers: readonly string[]): unknown {
  return isBackupError(error) && leftovers.length > 0 ? error.with({ metadata: { leftovers } }) : error
}
