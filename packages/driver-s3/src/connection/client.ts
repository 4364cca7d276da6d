import { S3Client } from '@aws-sdk/client-s3'
import type { CheckedOptions } from '../options.js'
import { credentialsFor } from './credentials.js'
import { type WayOut, wayOut } from './way-out.js'

/** A client, and whether it is ours to close. */
export interface OpenClient {
  readonly client: S3Client
  readonly ours: boolean
  /** The proxy between here and an address; none that we know of for a client that was given. */
  readonly proxyFor: WayOut['proxyFor']
}

/** The client that was given, or a new one. */
export function openClient(options: CheckedOptions): OpenClient {
  if (options.client !== undefined) return { client: options.client, ours: false, proxyFor: () => undefined }
  const { endpoint, requestChecksumCalculation, timeout } = options
  const region = options.region ?? (endpoint === undefined ? undefined : 'us-east-1')
  const out = wayOut()
  const client = new S3Client({
    ...(region === undefined ? {} : { region }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(options.profile === undefined ? {} : { profile: options.profile }),
    credentials: credentialsFor(options, out),
    ...(requestChecksumCalculation === undefined ? {} : { requestChecksumCalculation }),
    forcePathStyle: options.forcePathStyle ?? endpoint !== undefined,
    maxAttempts: attempts,
    requestHandler: {
      connectionTimeout: Math.min(timeout, longestConnect),
      socketTimeout: timeout,
      ...out.agents,
    },
  })
  return { client, ours: true, proxyFor: out.proxyFor }
}

/** Rides out a burst of throttling (the SDK waits longer before each attempt); its own default is 3. */
const attempts = 5
/** In ms. A server that is there takes a connection within seconds. */
const longestConnect = 10_000
