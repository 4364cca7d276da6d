import { compare, listedTime } from './buckets.ts'
import type { Answer, Exchange } from './exchange.ts'
import type { Bucket, State, Version } from './state.ts'
import { element, xml } from './xml.ts'

/**
 * A page of versions and delete markers as they follow each other: keys in the order of their UTF-8 bytes, and of one key
 * the newest first.
 */
export function listVersions({ bucket: Name, query, state }: Exchange, bucket: Bucket): Answer {
  const prefix = query.get('prefix') ?? ''
  const delimiter = query.get('delimiter') ?? ''
  const limit = Math.min(state.pageSize, Number(query.get('max-keys') ?? state.pageSize))
  const keyMarker = query.get('key-marker') ?? ''
  const versionMarker = query.get('version-id-marker') ?? ''
  const encoding = query.get('encoding-type') === 'url'
  const encode = encoding ? encodeURIComponent : (key: string) => key

  const entries: string[] = []
  const folders = new Set<string>()
  let last: { key: string; version: string } | undefined
  let truncated = false
  for (const { key, at, version } of following(bucket, prefix, keyMarker, versionMarker)) {
    const end = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length)
    const folder = end < 0 ? undefined : key.slice(0, end + delimiter.length)
    if (folder !== undefined && (folders.has(folder) || compare(folder, keyMarker) <= 0)) continue
    truncated = entries.length + folders.size >= limit
    if (truncated) break
    if (folder === undefined) entries.push(entry(encode(key), version, at === 0, state))
    else folders.add(folder)
    last = { key: folder ?? key, version: folder === undefined ? version.id : '' }
  }
  const next =
    truncated && last !== undefined
      ? {
          NextKeyMarker: encode(last.key),
          NextVersionIdMarker: last.version === '' ? undefined : last.version,
        }
      : {}
  const head = {
    Name,
    Prefix: encode(prefix),
    KeyMarker: encode(keyMarker),
    VersionIdMarker: versionMarker,
    MaxKeys: limit,
    ...(encoding ? { EncodingType: 'url' } : {}),
    IsTruncated: truncated,
    ...next,
  }
  const common = [...folders].map((folder) => element('CommonPrefixes', { Prefix: encode(folder) }))
  const whole = xml('ListVersionsResult', head)
  const end = '</ListVersionsResult>'
  return { status: 200, body: `${whole.slice(0, -end.length)}${entries.join('')}${common.join('')}${end}` }
}

/** Every version after the markers. Without a version's id, those of the marker's key are passed over. */
function* following(bucket: Bucket, prefix: string, keyMarker: string, versionMarker: string) {
  const keys = [...bucket.history.keys()].filter((key) => key.startsWith(prefix)).sort(compare)
  for (const key of keys) {
    const order = compare(key, keyMarker)
    if (keyMarker !== '' && (order < 0 || (order === 0 && versionMarker === ''))) continue
    const versions = bucket.history.get(key) ?? []
    const from =
      order === 0 && keyMarker !== '' ? versions.findIndex(({ id }) => id === versionMarker) + 1 : 0
    for (let at = from; at < versions.length; at++) {
      const version = versions[at]
      if (version !== undefined) yield { key, at, version }
    }
  }
}

function entry(Key: string, { id, modified, object }: Version, IsLatest: boolean, state: State): string {
  const both = { Key, VersionId: id, IsLatest, LastModified: listedTime(modified, state) }
  if (object === undefined) return element('DeleteMarker', both)
  const { etag, bytes, storageClass } = object
  return element('Version', {
    ...both,
    ETag: `"${etag}"`,
    Size: bytes.byteLength,
    StorageClass: storageClass,
  })
}
