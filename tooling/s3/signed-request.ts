import { createHash, createHmac } from 'node:crypto'
import type { Endpoint } from './endpoint.ts'

export interface SignedRequest {
  readonly method: string
  /** Encoded, with a slash in front. */
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
}

/**
 * Sends one request with the signature that S3 asks for, and throws what the server says if it refuses.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
 */
export async function send(endpoint: Endpoint, request: SignedRequest): Promise<Response> {
  const { method, path, body } = request
  const query = Object.entries(request.query)
    .map((pair) => pair.map(encoded).join('='))
    .sort()
    .join('&')
  const url = `${endpoint.url}${path}${query === '' ? '' : `?${query}`}`
  const time = new Date().toISOString().replace(/[-:]|\.\d+/g, '')
  const signed: Record<string, string> = {
    ...request.headers,
    host: new URL(endpoint.url).host,
    'x-amz-content-sha256': sha256(body),
    'x-amz-date': time,
  }
  const authorization = sign(endpoint, { method, path, query, headers: signed, time })
  const { host, ...headers } = signed
  const answer = await fetch(url, {
    method,
    headers: { ...headers, authorization },
    ...(body === '' ? {} : { body }),
  })
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
  return answer
}

interface ToSign {
  readonly method: string
  readonly path: string
  readonly query: string
  readonly headers: Readonly<Record<string, string>>
  readonly time: string
}

function sign({ region, credentials }: Endpoint, { method, path, query, headers, time }: ToSign): string {
  const names = Object.keys(headers).sort()
  const lines = names.map((name) => `${name}:${headers[name]}\n`)
  const payload = headers['x-amz-content-sha256'] ?? ''
  const canonical = [method, path, query, lines.join(''), names.join(';'), payload].join('\n')
  const day = time.slice(0, 8)
  const scope = `${day}/${region}/s3/aws4_request`
  const text = ['AWS4-HMAC-SHA256', time, scope, sha256(canonical)].join('\n')
  const key = [day, region, 's3', 'aws4_request'].reduce<string | Buffer>(
    hmac,
    `AWS4${credentials.secretAccessKey}`,
  )
  const signature = hmac(key, text).toString('hex')
  return `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${scope}, SignedHeaders=${names.join(';')}, Signature=${signature}`
}

/** Encoded as S3 encodes it: RFC 3986, which leaves fewer characters as they are than encodeURIComponent. */
export function encoded(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest()
