import { afterAll } from 'vitest'
import { type Bucket, makeBucket } from './bucket.ts'
import { type Endpoint, openEndpoint } from './endpoint.ts'
import { type FaultProxy, startFaultProxy } from './fault-proxy.ts'
import type { LocalServerOptions } from './local-server/server.ts'

/** Databases on the S3 server that the tests run against, with everything they ask of it to be seen. */
export interface S3Server {
  /** Which one it is: `local` for the small one of this project. */
  readonly server: string
  /** Stands between the databases and the server, and knows every request. */
  readonly proxy: FaultProxy
  readonly bucket: Bucket
  readonly endpoint: Endpoint
  /** The connection string of a database in a bucket (the first one if left out). */
  address(prefix: string, bucket?: Bucket): string
  /** Another bucket, removed with the first one. */
  anotherBucket(): Promise<Bucket>
  /** How many requests there were since `proxy.clear()`, by what they ask for. */
  requests(): Requests
}

export interface Requests {
  readonly list: number
  readonly get: number
  readonly head: number
  readonly put: number
  readonly delete: number
}

/** To be called at the top of a test file. Everything is gone after its last test. */
export async function s3Server(
  env: NodeJS.ProcessEnv = process.env,
  small: LocalServerOptions = {},
): Promise<S3Server> {
  const endpoint = await openEndpoint(env, small)
  const proxy = await startFaultProxy(endpoint.url)
  const bucket = await makeBucket(endpoint)
  const buckets = [bucket]
  afterAll(async () => {
    for (const made of buckets) await made.remove()
    await proxy.close()
    await endpoint.close()
  })
  const { accessKeyId, secretAccessKey } = endpoint.credentials
  const keys = `${encodeURIComponent(accessKeyId)}:${encodeURIComponent(secretAccessKey)}`
  return {
    server: endpoint.server,
    proxy,
    bucket,
    endpoint,
    address: (prefix, { name } = bucket) => `http://${keys}@${new URL(proxy.url).host}/${name}/${prefix}`,
    async anotherBucket() {
      const made = await makeBucket(endpoint)
      buckets.push(made)
      return made
    },
    requests: () => count(proxy.log.map(({ request }) => request)),
  }
}

function count(log: readonly string[]): Requests {
  const like = (pattern: RegExp) => log.filter((line) => pattern.test(line)).length
  return {
    list: like(/^GET \S*[?&]list-type=2/),
    get: like(/^GET (?!\S*(list-type=2|[?&](versions|versioning|lifecycle)(=|&|$)))/),
    head: like(/^HEAD /),
    put: like(/^PUT /),
    delete: like(/^(DELETE|POST \S*[?&]delete)/),
  }
}

/**
 * How a database on S3 is opened: with the AWS SDK's own HTTP handler, the only one that all requests pass, and
 * without the retries that answer to everything alike: a key that is missing costs a request then, not seconds.
 */
export const onS3 = {
  clientOptions: { httpClientOptions: { useReckerHandler: false } },
  executorPool: { retries: 0, concurrency: 30 },
}
