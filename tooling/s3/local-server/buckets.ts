import type { Answer, Exchange } from './exchange.ts'
import { S3Error } from './s3-error.ts'
import type { Bucket, State, StoredObject } from './state.ts'
import { xml } from './xml.ts'

export function createBucket({ bucket, account, state }: Exchange): Answer {
  const there = state.buckets.get(bucket)
  if (there !== undefined)
    throw new S3Error(409, there.owner === account ? 'BucketAlreadyOwnedByYou' : 'BucketAlreadyExists')
  state.buckets.set(bucket, {
    owner: account,
    objects: new Map(),
    history: new Map(),
    uploads: new Map(),
    allowed: new Set(),
    versioning: '<VersioningConfiguration/>',
    lifecycle: undefined,
  })
  return { status: 200, headers: { location: `/${bucket}` } }
}

export function deleteBucket({ bucket: name, state }: Exchange, bucket: Bucket): Answer {
  if (bucket.history.size > 0) throw new S3Error(409, 'BucketNotEmpty')
  state.buckets.delete(name)
  return { status: 204 }
}

export function listBuckets({ account, state }: Exchange): Answer {
  const own = [...state.buckets].filter(([, { owner }]) => owner === account)
  return {
    status: 200,
    body: xml('ListAllMyBucketsResult', { Buckets: { Bucket: own.map(([Name]) => ({ Name })) } }),
  }
}

/** Other accounts may do what the statements that allow something name; principals and conditions are not read. */
export function putPolicy({ body }: Exchange, bucket: Bucket): Answer {
  const { Statement = [] }: { Statement?: { Effect: string; Action: string | string[] }[] } = JSON.parse(
    body.toString(),
  )
  bucket.allowed = new Set(
    Statement.filter(({ Effect }) => Effect === 'Allow').flatMap(({ Action }) => Action),
  )
  return { status: 204 }
}

export function putVersioning({ body }: Exchange, bucket: Bucket): Answer {
  bucket.versioning = body.toString()
  return { status: 200 }
}

export function putLifecycle({ body }: Exchange, bucket: Bucket): Answer {
  bucket.lifecycle = body.toString()
  return { status: 200 }
}

export function getLifecycle(_: Exchange, { lifecycle }: Bucket): Answer {
  if (lifecycle === undefined) throw new S3Error(404, 'NoSuchLifecycleConfiguration')
  return { status: 200, body: lifecycle }
}

/** A time as listings tell it. */
export function listedTime(modified: Date, { wholeSeconds }: State): string {
  const time = modified.getTime()
  return new Date(wholeSeconds ? Math.floor(time / 1000) * 1000 : time).toISOString()
}

/** A page of keys in the order of their UTF-8 bytes. */
export function listObjects({ bucket: Name, query, state }: Exchange, bucket: Bucket): Answer {
  const prefix = query.get('prefix') ?? ''
  const delimiter = query.get('delimiter') ?? ''
  const limit = Math.min(state.pageSize, Number(query.get('max-keys') ?? state.pageSize))
  const token = query.get('continuation-token')
  const after = token === null ? (query.get('start-after') ?? '') : Buffer.from(token, 'base64url').toString()
  const encode = query.get('encoding-type') === 'url' ? encodeURIComponent : (key: string) => key

  const Contents = []
  const folders = new Set<string>()
  let last = ''
  let truncated = false
  for (const [key, object] of sorted(bucket, prefix)) {
    const end = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length)
    const entry = end < 0 ? key : key.slice(0, end + delimiter.length)
    if (compare(entry, after) <= 0 || folders.has(entry)) continue
    truncated = Contents.length + folders.size >= limit
    if (truncated) break
    if (end < 0) Contents.push(contents(encode(key), object, state))
    else folders.add(entry)
    last = entry
  }
  const CommonPrefixes = [...folders].map((folder) => ({ Prefix: encode(folder) }))
  const next = truncated ? { NextContinuationToken: Buffer.from(last).toString('base64url') } : {}
  const counts = { KeyCount: Contents.length + folders.size, MaxKeys: limit, IsTruncated: truncated }
  return {
    status: 200,
    body: xml('ListBucketResult', { Name, Prefix: prefix, ...counts, ...next, Contents, CommonPrefixes }),
  }
}

function contents(Key: string, { bytes, etag, modified, storageClass }: StoredObject, state: State) {
  return {
    Key,
    Size: bytes.byteLength,
    ETag: `"${etag}"`,
    LastModified: listedTime(modified, state),
    StorageClass: storageClass,
  }
}

const sorted = ({ objects }: Bucket, prefix: string) =>
  [...objects].filter(([key]) => key.startsWith(prefix)).sort(([a], [b]) => compare(a, b))
export const compare = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b))
