import { type LocalServerOptions, startLocalServer } from './local-server/server.ts'

interface Keys {
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

/** An S3 server for tests. */
export interface Endpoint {
  readonly url: string
  readonly region: string
  readonly credentials: Keys
  /** Another account on the same server, if there is one. */
  readonly other: Keys | undefined
  /** A KMS key that the server knows, if any. */
  readonly kmsKeyId: string | undefined
  /** `local` is the small server of this folder; anything else is a real one. */
  readonly server: string
  close(): Promise<void>
}

/**
 * The server in `S3_ENDPOINT`, or a small one in this process (`small` says how that one is). Says which on stdout, so that nobody takes the
 * one for the other.
 */
export async function openEndpoint(
  env: NodeJS.ProcessEnv = process.env,
  small: LocalServerOptions = {},
): Promise<Endpoint> {
  const endpoint = env.S3_ENDPOINT === undefined ? await local(small) : real(env.S3_ENDPOINT, env)
  process.stdout.write(
    `S3 tests run against ${endpoint.server === 'local' ? 'the small in-process server' : `${endpoint.server} at ${endpoint.url}`}\n`,
  )
  return endpoint
}

function real(url: string, env: NodeJS.ProcessEnv): Endpoint {
  return {
    url,
    region: env.S3_REGION ?? 'us-east-1',
    credentials: keys(env.AWS_ACCESS_KEY_ID, env.AWS_SECRET_ACCESS_KEY) ?? missingKeys(),
    other: keys(env.S3_ALT_ACCESS_KEY_ID, env.S3_ALT_SECRET_ACCESS_KEY),
    kmsKeyId: env.S3_KMS_KEY_ID,
    server: env.S3_SERVER ?? 'a real server',
    close: () => Promise.resolve(),
  }
}

async function local(options: LocalServerOptions): Promise<Endpoint> {
  const credentials = { accessKeyId: 'LOCALKEY1', secretAccessKey: 'local-secret-1' }
  const other = { accessKeyId: 'LOCALKEY2', secretAccessKey: 'local-secret-2' }
  const server = await startLocalServer([credentials, other], options)
  return { ...server, region: 'us-east-1', credentials, other, kmsKeyId: 'local-kms-key', server: 'local' }
}

function keys(accessKeyId: string | undefined, secretAccessKey: string | undefined): Keys | undefined {
  return accessKeyId === undefined || secretAccessKey === undefined
    ? undefined
    : { accessKeyId, secretAccessKey }
}

function missingKeys(): never {
  throw new Error('S3_ENDPOINT is set: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY as well.')
}
