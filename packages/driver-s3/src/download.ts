import { Readable } from 'node:stream'
import { GetObjectCommand, HeadObjectCommand } from '@aws-sdk/client-s3'
import { abortable, BackupError, type GetCall } from '@s3db-backup/core'
import type { Connection } from './connection/connection.js'
import { answered, explain } from './errors/errors.js'

/**
 * Streams an object from `offset` on, up to `length` bytes of it. Rejects with `unavailable` where the body breaks off, and
 * with `unsupported` where the server sends another range than the one asked for.
 */
export async function* download(
  connection: Connection,
  key: string,
  call: GetCall,
): AsyncGenerator<Uint8Array> {
  const { signal } = call
  const body = await open(connection, key, call)
  if (body === undefined) return
  let read = 0
  try {
    for await (const chunk of abortable(body.stream, signal)) {
      read += chunk.byteLength
      yield chunk
    }
  } catch (error) {
    signal.throwIfAborted()
    throw explain(error, { bucket: connection.options.bucket, key, action: 's3:GetObject' }, 'unavailable')
  } finally {
    body.stream.destroy()
  }
  if (body.bytes !== undefined && read !== body.bytes) {
    throw new BackupError(
      'unavailable',
      `${key}: the answer broke off after ${read} of ${body.bytes} bytes`,
      { driver: 's3' },
    )
  }
}

interface Body {
  readonly stream: Readable
  readonly bytes: number | undefined
}

/** Nothing, where the object ends exactly at `offset`. */
async function open(
  connection: Connection,
  key: string,
  { signal, offset = 0, length }: GetCall,
): Promise<Body | undefined> {
  const isWhole = offset === 0 && length === undefined
  const last = length === undefined ? '' : offset + length - 1
  const range = isWhole ? {} : { Range: `bytes=${offset}-${last}` }
  try {
    const answer = await connection.send(
      new GetObjectCommand({ ...connection.object(key), ...range }),
      signal,
    )
    const { Body: body, ContentLength: bytes, ContentRange: given } = answer
    if (body === undefined)
      throw new BackupError('unavailable', `${key}: the answer has no body`, { driver: 's3' })
    const stream = body instanceof Readable ? body : Readable.from(body.transformToWebStream())
    // A server may answer a range that is the whole object as if none was asked for.
    const isAll = given === undefined && offset === 0 && bytes !== undefined && bytes <= (length ?? bytes)
    if (!isWhole && !isAll && given?.startsWith(`bytes ${offset}-`) !== true) {
      stream.destroy()
      throw otherRange(key, `${offset}-${last}`, given)
    }
    return { stream, bytes }
  } catch (error) {
    if (answered(error, 'InvalidRange') && (await sizeOf(connection, key, signal)) === offset)
      return undefined
    throw error
  }
}

/** Other bytes than those asked for would be taken for damage to the backup. */
function otherRange(key: string, wanted: string, given: string | undefined): BackupError {
  const instead = given === undefined ? 'the whole object' : JSON.stringify(given)
  return new BackupError(
    'unsupported',
    `${key}: the server was asked for bytes ${wanted}, and sends ${instead}`,
    {
      driver: 's3',
      suggestion:
        'Find out what ignores the Range of a request: the server, or a proxy or cache in front of it. A restore reads whole objects and needs none.',
      metadata: { key, contentRange: given },
    },
  )
}

async function sizeOf(connection: Connection, key: string, signal: AbortSignal): Promise<number | undefined> {
  return (await connection.send(new HeadObjectCommand(connection.object(key)), signal)).ContentLength
}
