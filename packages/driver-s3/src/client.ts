import { S3Client } from '@aws-sdk/client-s3'
import type { CheckedOptions } from './options.js'

/** A client, and whether it is ours to close. */
export interface OpenClient {
  readonly client: S3Client
  readonly ours: boolean
}

/** The client that was given, or a new one. */
export function openClient(options: CheckedOptions): OpenClient {
  if (options.client !== undefined) return { client: options.client, ours: false }
  const { endpoint, credentials, requestChecksumCalculation, timeout } = options
  const region = options.region ?? (endpoint === undefined ? undefined : 'us-east-1')
  const client = new S3Client({
    ...(region === undefined ? {} : { region }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(credentials === undefined ? {} : { credentials: withoutUndefined(credentials) }),
    ...(requestChecksumCalculation === undefined ? {} : { requestChecksumCalculation }),
    forcePathStyle: options.forcePathStyle ?? endpoint !== undefined,
    maxAttempts: attempts,
    requestHandler: { connectionTimeout: Math.min(timeout, longestConnect), socketTimeout: timeout },
  })
  return { client, ours: true }
}

/** Rides out a burst of throttling (the SDK waits longer before each attempt); its own default is 3. */
const attempts = 5
/** In ms. A server that is there takes a connection within seconds. */
const longestConnect = 10_000

type Credentials = Exclude<CheckedOptions['credentials'], undefined>

/** The SDK's types tell a session token that is missing from one that is undefined. */
function withoutUndefined(credentials: Credentials) {
  if (typeof credentials === 'function') return credentials
  const { sessionToken, ...keys } = credentials
  return sessionToken === undefined ? keys : { ...keys, sessionToken }
}
