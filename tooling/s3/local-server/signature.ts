import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { header } from './exchange.ts'
import { S3Error } from './s3-error.ts'
import type { Account, State } from './state.ts'

interface Signed {
  readonly method: string
  readonly rawPath: string
  readonly rawQuery: string
  readonly headers: IncomingHttpHeaders
}

/**
 * Checks the signature in the Authorization header and says whose it is.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
 */
export function authenticate(
  request: Signed,
  { accounts, region, now }: Pick<State, 'accounts' | 'region' | 'now'>,
): Account {
  const parts =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(
      header(request.headers, 'authorization') ?? '',
    )
  if (parts === null) throw new S3Error(403, 'AccessDenied')
  const [, keyId = '', date = '', signedRegion = '', signedHeaders = '', signature = ''] = parts
  const account = accounts.find(({ accessKeyId }) => accessKeyId === keyId)
  if (account === undefined) throw new S3Error(403, 'InvalidAccessKeyId', { AWSAccessKeyId: keyId })
  if (signedRegion !== region) throw new S3Error(400, 'AuthorizationHeaderMalformed', { Region: region })
  const time = header(request.headers, 'x-amz-date') ?? ''
  checkClock(time, now())
  const scope = `${date}/${region}/s3/aws4_request`
  const toSign = [
    'AWS4-HMAC-SHA256',
    time,
    scope,
    sha256(canonicalRequest(request, signedHeaders.split(';'))),
  ].join('\n')
  const key = [date, region, 's3', 'aws4_request'].reduce<string | Buffer>(
    hmac,
    `AWS4${account.secretAccessKey}`,
  )
  const expected = hmac(key, toSign)
  if (!timingSafeEqual(expected, Buffer.from(signature, 'hex')))
    throw new S3Error(403, 'SignatureDoesNotMatch')
  return account
}

function canonicalRequest(
  { method, rawPath, rawQuery, headers }: Signed,
  signedHeaders: readonly string[],
): string {
  const query = rawQuery
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => (pair.includes('=') ? pair : `${pair}=`))
    .sort()
    .join('&')
  const lines = signedHeaders.map(
    (name) => `${name}:${(header(headers, name) ?? '').trim().replace(/ +/g, ' ')}\n`,
  )
  const payload = header(headers, 'x-amz-content-sha256') ?? 'UNSIGNED-PAYLOAD'
  return [method, rawPath, query, lines.join(''), signedHeaders.join(';'), payload].join('\n')
}

/** By the storage's clock or by this machine's: a test may have set the storage's another time. */
function checkClock(amzDate: string, now: number): void {
  const iso = amzDate.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z')
  const distance = Math.min(...[now, Date.now()].map((clock) => Math.abs(Date.parse(iso) - clock)))
  if (!(distance <= 15 * 60 * 1000)) throw new S3Error(403, 'RequestTimeTooSkewed')
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest()
