import { createHash, randomUUID } from 'node:crypto'
import type { Answer, Exchange } from './exchange.ts'
import { attributesOf, checkConditions } from './objects.ts'
import { decodePayload, digest } from './payload.ts'
import { S3Error } from './s3-error.ts'
import type { Bucket, PendingUpload } from './state.ts'
import { store } from './versions.ts'
import { texts, xml } from './xml.ts'

const smallestPart = 5 * 1024 * 1024

export function createUpload({ bucket: Bucket, key: Key, headers, state }: Exchange, bucket: Bucket): Answer {
  const UploadId = randomUUID()
  bucket.uploads.set(UploadId, {
    key: Key,
    attributes: attributesOf(headers),
    started: new Date(state.now()),
    parts: new Map(),
  })
  return { status: 200, body: xml('InitiateMultipartUploadResult', { Bucket, Key, UploadId }) }
}

export function uploadPart(exchange: Exchange, bucket: Bucket): Answer {
  const { parts } = pending(exchange, bucket)
  const number = Number(exchange.query.get('partNumber'))
  if (!Number.isInteger(number) || number < 1 || number > 10_000) throw new S3Error(400, 'InvalidArgument')
  const { bytes, crc32 } = decodePayload(exchange.body, exchange.headers)
  const etag = digest('md5', bytes, 'hex')
  parts.set(number, { bytes, etag })
  return {
    status: 200,
    headers: { etag: `"${etag}"`, ...(crc32 === undefined ? {} : { 'x-amz-checksum-crc32': crc32 }) },
  }
}

export function completeUpload(exchange: Exchange, bucket: Bucket): Answer {
  const { key, attributes, parts } = pending(exchange, bucket)
  const listed = texts(exchange.body.toString(), 'Part').map((part) => ({
    number: Number(texts(part, 'PartNumber')[0]),
    etag: (texts(part, 'ETag')[0] ?? '').replaceAll('"', ''),
  }))
  const chosen = listed.map(({ number, etag }, index) => {
    const part = parts.get(number)
    if (part === undefined || part.etag !== etag) throw new S3Error(400, 'InvalidPart')
    if (number <= (listed[index - 1]?.number ?? 0)) throw new S3Error(400, 'InvalidPartOrder')
    if (index < listed.length - 1 && part.bytes.byteLength < smallestPart)
      throw new S3Error(400, 'EntityTooSmall')
    return part
  })
  if (chosen.length === 0) throw new S3Error(400, 'MalformedXML')
  checkConditions(bucket, key, exchange.headers)
  const hash = createHash('md5')
  for (const { etag } of chosen) hash.update(Buffer.from(etag, 'hex'))
  const etag = `${hash.digest('hex')}-${chosen.length}`
  const bytes = Buffer.concat(chosen.map((part) => part.bytes))
  const modified = new Date(exchange.state.now())
  const headers = store(bucket, key, { ...attributes, bytes, etag, modified })
  bucket.uploads.delete(idOf(exchange))
  return {
    status: 200,
    headers,
    body: xml('CompleteMultipartUploadResult', { Bucket: exchange.bucket, Key: key, ETag: `"${etag}"` }),
  }
}

export function abortUpload(exchange: Exchange, bucket: Bucket): Answer {
  pending(exchange, bucket)
  bucket.uploads.delete(idOf(exchange))
  return { status: 204 }
}

export function listParts(exchange: Exchange, bucket: Bucket): Answer {
  const { key, parts } = pending(exchange, bucket)
  const Part = [...parts].map(([PartNumber, { bytes, etag }]) => ({
    PartNumber,
    ETag: `"${etag}"`,
    Size: bytes.byteLength,
  }))
  return {
    status: 200,
    body: xml('ListPartsResult', {
      Bucket: exchange.bucket,
      Key: key,
      UploadId: idOf(exchange),
      IsTruncated: false,
      Part,
    }),
  }
}

export function listUploads({ bucket: Bucket, query }: Exchange, bucket: Bucket): Answer {
  const prefix = query.get('prefix') ?? ''
  const Upload = [...bucket.uploads]
    .filter(([, { key }]) => key.startsWith(prefix))
    .map(([UploadId, { key: Key, started }]) => ({ Key, UploadId, Initiated: started.toISOString() }))
  return {
    status: 200,
    body: xml('ListMultipartUploadsResult', { Bucket, Prefix: prefix, IsTruncated: false, Upload }),
  }
}

function pending(exchange: Exchange, bucket: Bucket): PendingUpload {
  const upload = bucket.uploads.get(idOf(exchange))
  if (upload === undefined || upload.key !== exchange.key) throw new S3Error(404, 'NoSuchUpload')
  return upload
}

const idOf = ({ query }: Exchange) => query.get('uploadId') ?? ''
