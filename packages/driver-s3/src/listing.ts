import { ListObjectsV2Command } from '@aws-sdk/client-s3'
import { BackupError, type Call, type ObjectInfo } from '@s3db-backup/core'
import type { Connection } from './connection.js'

/** Lists a page of up to 1,000 objects at a time. Keys come without the driver's own prefix. */
export async function* listObjects(
  connection: Connection,
  prefix: string,
  { signal }: Call,
): AsyncGenerator<ObjectInfo> {
  const { bucket } = connection.options
  const below = connection.fullKey(prefix)
  const own = connection.fullKey('').length
  let token: string | undefined
  do {
    const page = await connection.send(
      new ListObjectsV2Command({ Bucket: bucket, Prefix: listable(bucket, below), ContinuationToken: token }),
      signal,
    )
    for (const { Key: key, Size: bytes, ETag: etag, LastModified: modified } of page.Contents ?? []) {
      signal.throwIfAborted()
      // A key that ends in a slash is a folder that a console made; backups have none.
      if (key === undefined || key.endsWith('/') || !key.startsWith(below)) continue
      // A server that leaves one of them out does not tell one object from the next.
      const stamp = etag && modified ? `${etag} ${modified.toISOString()}` : undefined
      yield { key: key.slice(own), bytes: bytes ?? 0, stamp }
    }
    const next = page.IsTruncated === true ? page.NextContinuationToken : undefined
    if (page.IsTruncated === true && (next === undefined || next === token)) {
      throw new BackupError(
        'unavailable',
        `The listing of ${bucket} broke off: there is more, but no way to ask for it`,
      )
    }
    token = next
  } while (token !== undefined)
}

/** Directory buckets (S3 Express) list whole folders only. */
function listable(bucket: string, prefix: string): string {
  return bucket.endsWith('--x-s3') ? prefix.slice(0, prefix.lastIndexOf('/') + 1) : prefix
}
