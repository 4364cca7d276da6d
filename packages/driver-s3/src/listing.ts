import { ListObjectsV2Command, type ListObjectsV2CommandOutput } from '@aws-sdk/client-s3'
import { BackupError, type Call, type ObjectInfo } from '@s3db-backup/core'
import type { Connection } from './connection/connection.js'
import { type Seen, seenKeys } from './seen-keys.js'

/** What some servers do in their listings, and the driver makes up for. */
export type Oddity = 'keys repeated' | 'no token' | 'keys encoded'

export interface ListingOptions {
  /** How many objects to ask for at a time. Default: what the server gives, 1,000. */
  readonly pageSize?: number | undefined
  readonly onOddity?: ((oddity: Oddity) => void) | undefined
}

/**
 * Lists a page of up to 1,000 objects at a time. Keys come without the driver's own prefix, each once, whatever the
 * server repeats. Rejects with `unavailable` where the server says that there is more and gives no way to ask for it: a
 * listing that ends has everything.
 */
export async function* listObjects(
  connection: Connection,
  prefix: string,
  { signal }: Call,
  { pageSize, onOddity = () => undefined }: ListingOptions = {},
): AsyncGenerator<ObjectInfo> {
  const { bucket } = connection.options
  const below = connection.fullKey(prefix)
  const own = connection.fullKey('').length
  const request = {
    Bucket: bucket,
    Prefix: listable(bucket, below),
    ...(pageSize === undefined ? {} : { MaxKeys: pageSize }),
  }
  const seen = seenKeys()
  const nextPage = pageTurner(bucket, seen, onOddity)
  let position: Position | undefined = {}
  while (position !== undefined) {
    const page = await connection.send(new ListObjectsV2Command({ ...request, ...position }), signal)
    for (const { Key: given, Size: bytes, ETag: etag, LastModified: modified } of page.Contents ?? []) {
      signal.throwIfAborted()
      if (given === undefined) continue
      const key = decoded(given, page, below, onOddity)
      if (!seen.add(key)) {
        onOddity('keys repeated')
        continue
      }
      // A key that ends in a slash is a folder that a console made; backups have none.
      if (key.endsWith('/') || !key.startsWith(below)) continue
      // If a server omits one of them, it cannot be told whether an object changed.
      const stamp = etag && modified ? `${etag} ${modified.toISOString()}` : undefined
      yield { key: key.slice(own), bytes: bytes ?? 0, stamp }
    }
    position = nextPage(page)
  }
}

/** Directory buckets (S3 Express) list whole folders only. */
function listable(bucket: string, prefix: string): string {
  return bucket.endsWith('--x-s3') ? prefix.slice(0, prefix.lastIndexOf('/') + 1) : prefix
}

/** Where a page begins. */
interface Position {
  readonly ContinuationToken?: string | undefined
  readonly StartAfter?: string | undefined
}

/** A server may filter a page until nothing is left of it, but not for ever. */
const mostPagesWithoutNew = 1_000

function pageTurner(bucket: string, seen: Seen, onOddity: (oddity: Oddity) => void) {
  const tokens = new Set<string>()
  let before = 0
  let without = 0
  const brokeOff = (why: string) =>
    new BackupError(
      'unavailable',
      `The listing of ${bucket} broke off: the server says that there is more, ${why}`,
      {
        driver: 's3',
        suggestion: 'Run doctor: a server that lists like this cannot keep backups.',
      },
    )
  return (page: ListObjectsV2CommandOutput): Position | undefined => {
    if (page.IsTruncated !== true) return undefined
    without = seen.count === before ? without + 1 : 0
    before = seen.count
    if (without > mostPagesWithoutNew) throw brokeOff(`and gave nothing new on ${without} pages`)
    const token = page.NextContinuationToken
    if (token !== undefined && token !== '') {
      if (tokens.has(token)) throw brokeOff('and sends the same continuation token again')
      tokens.add(token)
      return { ContinuationToken: token }
    }
    // In an ordered listing the last key also says where to continue.
    if (seen.last === undefined || !seen.ascending || without > 0) throw brokeOff('but no way to ask for it')
    onOddity('no token')
    return { StartAfter: seen.last }
  }
}

/** The key itself where a server encodes keys as in a URL, whether it says so or not. */
function decoded(
  key: string,
  { EncodingType }: ListObjectsV2CommandOutput,
  below: string,
  onOddity: (oddity: Oddity) => void,
): string {
  if (EncodingType === 'url') return unescaped(key.replaceAll('+', ' '))
  // Every object of a backup is in a folder, so its key has a slash.
  if (key.includes('/') || !/%2f/i.test(key)) return key
  const plain = unescaped(key)
  if (!plain.startsWith(below)) return key
  onOddity('keys encoded')
  return plain
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    // A plain percent sign is part of the key.
    return text
  }
}
