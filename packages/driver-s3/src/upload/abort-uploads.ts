import { setTimeout as sleep } from 'node:timers/promises'
import {
  AbortMultipartUploadCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
} from '@aws-sdk/client-s3'
import { BackupError, isBackupError } from '@s3db-backup/core'
import type { Attempt } from '../connection/attempt.js'
import type { Connection } from '../connection/connection.js'

/** In ms, between two looks: a request that was cut off may still take effect, and another writer may send a part. */
const pause = 250

const mostRounds = 5

/**
 * Aborts the multipart uploads of an attempt, and asks until none is listed: parts that were still under way can
 * outlive an abort, and servers answer differently (204, 404 or 500) to the abort of an upload that is gone. Uploads of
 * the same key that another writer has begun stay.
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
    // Without the right to list, only the answer to the abort is known.
    if (open === undefined) return abortOne(connection, attempt.key, attempt.uploadId, signal)
    const ours = await uploadsOf(connection, attempt, open, signal)
    if (ours.length === 0) return
    if (round > mostRounds)
      throw new BackupError(
        'unavailable',
        `${ours.length} uploads are still there after ${mostRounds} aborts`,
      )
    if (round > 1) await sleep(pause, undefined, { signal })
    for (const id of ours) await abortOne(connection, attempt.key, id, signal).catch(listedAgain)
  }
}

function listedAgain(): void {
  // The next listing says whether it is gone, and the last one fails if it is not.
}

/**
 * Which of the open uploads of a key this attempt has begun: the one whose id it knows, and those whose id got lost with the
 * answer to CreateMultipartUpload. Nothing tells these from another writer's but that they never get a part.
 */
async function uploadsOf(
  connection: Connection,
  { key, uploadId, createsSent }: Attempt,
  open: readonly string[],
  signal: AbortSignal,
): Promise<string[]> {
  const known = open.filter((id) => id === uploadId)
  const others = open.filter((id) => id !== uploadId)
  const lost = createsSent > 1 || uploadId === undefined
  if (!lost || others.length === 0) return known
  const empty = await withoutParts(connection, key, others, signal)
  if (empty.length === 0) return known
  await sleep(pause, undefined, { signal })
  return [...known, ...(await withoutParts(connection, key, empty, signal))]
}

/** Those that have no part. One that cannot be looked at may have some. */
async function withoutParts(
  connection: Connection,
  key: string,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<string[]> {
  const empty: string[] = []
  for (const UploadId of ids) {
    const command = new ListPartsCommand({ ...connection.object(key), UploadId, MaxParts: 1 })
    const parts = await connection.send(command, signal).then(
      ({ Parts = [] }) => Parts.length,
      (error: unknown) => {
        signal.throwIfAborted()
        if (!isBackupError(error)) throw error
        return undefined
      },
    )
    if (parts === 0) empty.push(UploadId)
  }
  return empty
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
