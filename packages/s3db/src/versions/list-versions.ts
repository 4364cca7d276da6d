import { createHash } from 'node:crypto'
import { BackupError, type Call, compareIds } from '@s3db-backup/core'
import { askBucket } from '../client/ask-bucket.js'
import type { Client } from '../client/database.js'
import { withoutPrefix } from '../listing/ask-client.js'
import { namingRight } from './missing-right.js'
import { type ListedVersion, type ParsedPage, parseVersions } from './parse-versions.js'

/** Versions and markers on one page: the most that S3 gives. */
const pageSize = 1000

/** A part of a listing of versions. */
export interface VersionsPage {
  /** Keys ascending, without the database's own prefix; of one key the newest first. */
  readonly entries: readonly ListedVersion[]
  /** The storage's clock, in ms since 1970. */
  readonly date: number | undefined
}

/**
 * Lists every version and delete marker below a prefix, a page at a time. Checks the server's listing: one that breaks
 * off, is circular or is out of order is a failure, and never just fewer versions.
 *
 * Throws `unsupported` if there are no versions, `permission_denied` and `unavailable`.
 */
export async function* listVersions(
  client: Client,
  prefix: string,
  call: Call,
  maxKeys: number = pageSize,
): AsyncGenerator<VersionsPage> {
  const markers = new Set<string>()
  let marker: Record<string, string> = {}
  let last: string | undefined
  for (;;) {
    const what = `list the versions of ${prefix}`
    const question = { what, prefix, maxKeys, query: { versions: '', ...marker } }
    const answer = await askBucket(client, question, call).catch((error: unknown) => {
      throw namingRight(error, 's3:ListBucketVersions on the bucket')
    })
    const page = parseVersions(answer.xml)
    if (page === undefined)
      throw broken(prefix, last, 'the answer is no listing of versions, or not a whole one')
    for (const { key } of page.entries) {
      if (!key.startsWith(answer.prefix)) throw broken(prefix, last, `it has ${key}, which was not asked for`)
      if (last !== undefined && compareIds(key, last) < 0)
        throw broken(prefix, last, `${key} comes after ${last}, which is out of order`)
      last = key
    }
    const entries = page.entries.map((entry) => ({ ...entry, key: withoutPrefix(client, entry.key) }))
    if (entries.length > 0 || !page.isTruncated) yield { entries, date: answer.date }
    if (!page.isTruncated) return
    const next = following(page)
    if (next === undefined)
      throw broken(prefix, last, 'the storage says that there is more, but not where to continue')
    const mark = createHash('sha256').update(JSON.stringify(next)).digest('base64')
    if (markers.has(mark)) throw broken(prefix, last, 'the server gave the same markers twice')
    markers.add(mark)
    marker = next
  }
}

/**
 * Where the next page begins: after the last entry of this one. The markers of the answer count only where it has no
 * entries: a marker beyond the last entry would pass over versions that nobody has seen.
 */
function following({ entries, nextKey, nextVersion }: ParsedPage): Record<string, string> | undefined {
  const last = entries.at(-1)
  if (last !== undefined) return { 'key-marker': last.key, 'version-id-marker': last.versionId }
  if (nextKey === undefined || nextKey === '') return undefined
  return {
    'key-marker': nextKey,
    ...(nextVersion === undefined || nextVersion === '' ? {} : { 'version-id-marker': nextVersion }),
  }
}

function broken(prefix: string, last: string | undefined, why: string): BackupError {
  const after = last === undefined ? '' : ` after ${last}`
  return new BackupError(
    'unavailable',
    `The listing of the versions of ${prefix} broke off${after}: ${why}`,
    {
      suggestion:
        'Try again. If it happens each time, the server or a proxy before it does not speak S3 correctly.',
      metadata: { prefix, wholeStorage: true },
    },
  )
}
