import { setTimeout as sleep } from 'node:timers/promises'
import { AbortMultipartUploadCommand, ListMultipartUploadsCommand } from '@aws-sdk/client-s3'
import { BackupError, isBackupError } from '@s3db-backup/core'
import type { Attempt } from '../connection/attempt.js'
import type { Connection } from '../connection/connection.js'
import { isOurs } from '../ownership.js'
import { removeObject } from '../remove.js'

/** In ms. A server that is gone must not hold up an abort for longer. */
const longestCleanup = 5_000
/** In ms. A request that was cut off may still take effect a moment later. */
const pause = 250

/** Removes whatever a failed attempt may have left. Returns what could not be removed, for people. */
export async function retract(connection: Connection, attempt: Attempt): Promise<string[]> {
  const signal = AbortSignal.timeout(longestCleanup)
  const leftovers: string[] = []
  const tried = async (what: string, work: () => Promise<void>) => {
    await work().catch((error: unknown) =>
      leftovers.push(`${what}: ${error instanceof Error ? error.message : error}`),
    )
  }
  if (attempt.createsSent > 0)
    await tried('multipart upload', () => abortUploads(connection, attempt, signal))
  if (attempt.finalSent) await tried('object', () => removeOurs(connection, attempt, signal))
  return leftovers
}

/**
 * Aborts every multipart upload of the key, and asks until none is listed: parts that were still under way can
 * outlive an abort, an answer to CreateMultipartUpload can get lost with the upload's id, and servers answer
 * differently (204, 404 or 500) to the abort of an upload that is gone.
 */
export async function abortUploads(
  connection: Connection,
  attempt: Attempt,
  signal: AbortSignal,
): Promise<void> {
  for (let round = 1; ; round++) {
    const open = await openUploads(connection, attempt.key, signal).catch((error: unknown) => {
      if (!isBackupError(error, 'permission_denied')) throw error
    })
    // Without the right to list, only the answer of the abort counts.
    if (open === undefined) return abortOne(connection, attempt.key, attempt.uploadId, signal)
    if (open.length === 0) return
    if (round > mostRounds)
      throw new BackupError(
        'unavailable',
        `${open.length} uploads are still there after ${mostRounds} aborts`,
      )
    if (round > 1) await sleep(pause, undefined, { signal })
    for (const id of open) await abortOne(connection, attempt.key, id, signal).catch(listedAgain)
  }
}

const mostRounds = 5

function listedAgain(): void {
  // The next listing shows whether the upload is gone, and the last round fails if it is not.
}

async function openUploads(connection: Connection, key: string, signal: AbortSignal): Promise<string[]> {
  const Key = connection.fullKey(key)
  const command = new ListMultipartUploadsCommand({ Bucket: connection.options.bucket, Prefix: Key })
  const { Uploads = [] } = await connection.send(command, signal)
  return Uploads.flatMap((upload) =>
    upload.Key === Key && upload.UploadId !== undefined ? [upload.UploadId] : [],
  )
}

async function abortOne(
  connection: Connection,
  key: string,
  UploadId: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  if (UploadId === undefined) return
  const Bucket = connection.options.bucket
  await connection.send(
    new AbortMultipartUploadCommand({ Bucket, Key: connection.fullKey(key), UploadId }),
    signal,
  )
}

async function removeOurs(connection: Connection, attempt: Attempt, signal: AbortSignal): Promise<void> {
  if (!(await isOurs(connection, attempt, signal))) {
    await sleep(pause, undefined, { signal })
    if (!(await isOurs(connection, attempt, signal))) return
  }
  await removeObject(connection, attempt.key, { signal })
}
