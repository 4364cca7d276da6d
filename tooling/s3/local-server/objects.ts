import type { IncomingHttpHeaders } from 'node:http'
import { type Answer, type Exchange, header } from './exchange.ts'
import { decodePayload, digest } from './payload.ts'
import { S3Error } from './s3-error.ts'
import type { Attributes, Bucket, State, StoredObject } from './state.ts'
import { amend, erase, eraseVersion, store, versionHeader, versionOf } from './versions.ts'
import { texts, xml } from './xml.ts'

const storageClasses = new Set(
  'STANDARD STANDARD_IA ONEZONE_IA REDUCED_REDUNDANCY GLACIER DEEP_ARCHIVE GLACIER_IR INTELLIGENT_TIERING EXPRESS_ONEZONE'.split(
    ' ',
  ),
)
const archiveClasses = new Set(['GLACIER', 'DEEP_ARCHIVE'])
const customerKey = 'x-amz-server-side-encryption-customer-key-md5'

export function attributesOf(headers: IncomingHttpHeaders): Attributes {
  const storageClass = header(headers, 'x-amz-storage-class') ?? 'STANDARD'
  if (!storageClasses.has(storageClass)) throw new S3Error(400, 'InvalidStorageClass')
  const having = (test: (name: string) => boolean) =>
    Object.fromEntries(
      Object.keys(headers)
        .filter(test)
        .map((name) => [name, header(headers, name) ?? '']),
    )
  return {
    contentType: header(headers, 'content-type') ?? 'binary/octet-stream',
    metadata: having((name) => name.startsWith('x-amz-meta-')),
    storageClass,
    encryption: having(
      (name) => name.startsWith('x-amz-server-side-encryption') && !name.endsWith('customer-key'),
    ),
  }
}

/** Refuses what `If-None-Match: *` and `If-Match` forbid. Nothing else runs between this and the write. */
export function checkConditions(bucket: Bucket, key: string, headers: IncomingHttpHeaders): void {
  const there = bucket.objects.get(key)
  if (header(headers, 'if-none-match') === '*' && there !== undefined)
    throw new S3Error(412, 'PreconditionFailed')
  const match = header(headers, 'if-match')
  if (match === undefined) return
  if (there === undefined) throw new S3Error(404, 'NoSuchKey')
  if (match.replaceAll('"', '') !== there.etag) throw new S3Error(412, 'PreconditionFailed')
}

export function putObject({ key, headers, body, state }: Exchange, bucket: Bucket): Answer {
  const attributes = attributesOf(headers)
  const { bytes, crc32 } = decodePayload(body, headers)
  checkConditions(bucket, key, headers)
  const etag = digest('md5', bytes, 'hex')
  const modified = new Date(state.now())
  const named = store(bucket, key, { ...attributes, bytes, etag, crc32, modified })
  return { status: 200, headers: { etag: `"${etag}"`, ...attributes.encryption, ...named } }
}

export function copyObject({ key, headers, state }: Exchange, bucket: Bucket): Answer {
  const [path = '', id = null] = (header(headers, 'x-amz-copy-source') ?? '').split('?versionId=')
  const [sourceBucket = '', ...sourceKey] = decodeURIComponent(path).replace(/^\//, '').split('/')
  const from = state.buckets.get(sourceBucket)
  if (from === undefined) throw new S3Error(404, 'NoSuchKey')
  const { object: source } = versionOf(from, sourceKey.join('/'), id)
  const attributes = header(headers, 'x-amz-metadata-directive') === 'REPLACE' ? attributesOf(headers) : {}
  const copy = { ...source, ...attributes, modified: new Date(state.now()) }
  return {
    status: 200,
    headers: store(bucket, key, copy),
    body: xml('CopyObjectResult', { ETag: `"${copy.etag}"`, LastModified: copy.modified.toISOString() }),
  }
}

export function getObject({ method, key, headers, state, query }: Exchange, bucket: Bucket): Answer {
  const { id, object } = versionOf(bucket, key, query.get('versionId'))
  checkCustomerKey(object, headers)
  if (
    method === 'GET' &&
    archiveClasses.has(object.storageClass) &&
    !(object.thawedAt !== undefined && object.thawedAt <= Date.now())
  ) {
    throw new S3Error(403, 'InvalidObjectState', { StorageClass: object.storageClass })
  }
  const range = /^bytes=(\d*)-(\d*)$/.exec(header(headers, 'range') ?? '')
  const all = {
    ...describe(object, state),
    ...versionHeader(bucket, id),
    ...checksumHeaders(object, headers, range !== null),
  }
  if (range === null) return { status: 200, headers: all, body: object.bytes }
  const size = object.bytes.byteLength
  const [, from = '', to = ''] = range
  const start = from === '' ? Math.max(0, size - Number(to)) : Number(from)
  const end = from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1)
  if (start > end) throw new S3Error(416, 'InvalidRange')
  return {
    status: 206,
    headers: { ...all, 'content-range': `bytes ${start}-${end}/${size}` },
    body: object.bytes.subarray(start, end + 1),
  }
}

export function deleteObject({ key, query, state }: Exchange, bucket: Bucket): Answer {
  const id = query.get('versionId')
  return { status: 204, headers: id === null ? erase(bucket, key, state) : eraseVersion(bucket, key, id) }
}

export function deleteObjects({ body, state }: Exchange, bucket: Bucket): Answer {
  const document = body.toString()
  const asked = texts(document, 'Object', false)
  const keys = asked.map((object) => texts(object, 'Key')[0] ?? '')
  if (keys.length > 1000) throw new S3Error(400, 'MalformedXML')
  asked.forEach((object, at) => {
    const id = texts(object, 'VersionId')[0]
    if (id === undefined) erase(bucket, keys[at] ?? '', state)
    else eraseVersion(bucket, keys[at] ?? '', id)
  })
  const quiet = texts(document, 'Quiet')[0] === 'true'
  return { status: 200, body: xml('DeleteResult', { Deleted: quiet ? [] : keys.map((Key) => ({ Key })) }) }
}

export function restoreObject({ key, state, query }: Exchange, bucket: Bucket): Answer {
  const { id, object } = versionOf(bucket, key, query.get('versionId'))
  if (!archiveClasses.has(object.storageClass))
    throw new S3Error(403, 'InvalidObjectState', { StorageClass: object.storageClass })
  if (object.thawedAt !== undefined && object.thawedAt > Date.now())
    throw new S3Error(409, 'RestoreAlreadyInProgress')
  amend(bucket, key, id, { ...object, thawedAt: Date.now() + state.thawTime })
  return { status: 202 }
}

function checkCustomerKey(object: StoredObject, headers: IncomingHttpHeaders): void {
  const needed = object.encryption[customerKey]
  const given = header(headers, customerKey)
  if (needed === given) return
  throw given === undefined ? new S3Error(400, 'InvalidRequest') : new S3Error(403, 'AccessDenied')
}

function describe(object: StoredObject, { region }: State): Record<string, string> {
  const { thawedAt } = object
  const ongoing = thawedAt !== undefined && thawedAt > Date.now()
  const restore = ongoing
    ? 'ongoing-request="true"'
    : 'ongoing-request="false", expiry-date="Fri, 31 Dec 2100 00:00:00 GMT"'
  return {
    etag: `"${object.etag}"`,
    'last-modified': object.modified.toUTCString(),
    'content-type': object.contentType,
    'accept-ranges': 'bytes',
    'x-amz-bucket-region': region,
    ...object.metadata,
    ...object.encryption,
    ...(object.storageClass === 'STANDARD' ? {} : { 'x-amz-storage-class': object.storageClass }),
    ...(thawedAt === undefined ? {} : { 'x-amz-restore': restore }),
  }
}

function checksumHeaders(
  { crc32 }: StoredObject,
  headers: IncomingHttpHeaders,
  partly: boolean,
): Record<string, string> {
  if (crc32 === undefined || partly || header(headers, 'x-amz-checksum-mode') !== 'ENABLED') return {}
  return { 'x-amz-checksum-crc32': crc32, 'x-amz-checksum-type': 'FULL_OBJECT' }
}
