import { createHash } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { crc32 } from 'node:zlib'
import { header } from './exchange.ts'
import { S3Error } from './s3-error.ts'

export interface Payload {
  readonly bytes: Buffer
  readonly crc32: string | undefined
}

/** What was sent, without the framing of `aws-chunked`, after every checksum that came with it was checked. */
export function decodePayload(body: Buffer, headers: IncomingHttpHeaders): Payload {
  const declared = header(headers, 'x-amz-content-sha256') ?? 'UNSIGNED-PAYLOAD'
  const { bytes, trailer } = declared.startsWith('STREAMING-')
    ? unframe(body, header(headers, 'x-amz-decoded-content-length'))
    : { bytes: body, trailer: new Map<string, string>() }
  if (/^[0-9a-f]{64}$/.test(declared) && digest('sha256', bytes, 'hex') !== declared) {
    throw new S3Error(400, 'XAmzContentSHA256Mismatch')
  }
  const sent = (name: string) => trailer.get(name) ?? header(headers, name)
  const checks: [string, (data: Buffer) => string][] = [
    ['content-md5', (data) => digest('md5', data, 'base64')],
    ['x-amz-checksum-sha256', (data) => digest('sha256', data, 'base64')],
    ['x-amz-checksum-crc32', crc32Base64],
  ]
  for (const [name, compute] of checks) {
    const expected = sent(name)
    if (expected !== undefined && expected !== compute(bytes)) throw new S3Error(400, 'BadDigest')
  }
  return { bytes, crc32: sent('x-amz-checksum-crc32') }
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html; chunk signatures are not checked. */
function unframe(body: Buffer, declaredLength: string | undefined) {
  const chunks: Buffer[] = []
  let at = 0
  while (true) {
    const lineEnd = body.indexOf('\r\n', at)
    const size = Number.parseInt(body.toString('latin1', at, lineEnd), 16)
    if (lineEnd < 0 || Number.isNaN(size)) throw new S3Error(400, 'IncompleteBody')
    at = lineEnd + 2
    if (size === 0) break
    chunks.push(body.subarray(at, at + size))
    at += size + 2
  }
  const bytes = Buffer.concat(chunks)
  if (bytes.byteLength !== Number(declaredLength)) throw new S3Error(400, 'IncompleteBody')
  const lines = body
    .toString('latin1', at)
    .split('\r\n')
    .filter((line) => line.includes(':'))
  const trailer = new Map(
    lines.map((line) => [
      line.slice(0, line.indexOf(':')).toLowerCase(),
      line.slice(line.indexOf(':') + 1).trim(),
    ]),
  )
  return { bytes, trailer }
}

export function digest(algorithm: string, data: Buffer, encoding: 'hex' | 'base64'): string {
  return createHash(algorithm).update(data).digest(encoding)
}

function crc32Base64(data: Buffer): string {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(crc32(data))
  return bytes.toString('base64')
}
