import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3'
import { type FaultProxy, startFaultProxy } from '../../../tooling/s3/fault-proxy.ts'
import { type S3Driver, type S3Options, s3 } from '../src/index.js'
import type { TestBucket } from './bucket.js'

/** A driver whose requests pass through a proxy that can make faults. */
export interface FaultyDriver {
  readonly driver: S3Driver
  readonly proxy: FaultProxy
  close(): Promise<void>
}

interface Through {
  readonly silence?: number
  readonly maxAttempts?: number
  readonly options?: Partial<S3Options>
}

/** `silence`: how long the client waits on a silent connection, in ms. The part size is the smallest there is, 5 MiB. */
export async function throughFaults(
  bucket: Pick<TestBucket, 'endpoint' | 'options'>,
  { silence = 5_000, maxAttempts = 3, options = {} }: Through = {},
): Promise<FaultyDriver> {
  const { url, region, credentials } = bucket.endpoint
  const proxy = await startFaultProxy(url)
  const client = new S3Client({
    endpoint: proxy.url,
    region,
    credentials,
    forcePathStyle: true,
    retryStrategy: impatiently(maxAttempts),
    requestHandler: { socketTimeout: silence },
  })
  const { bucket: name, prefix } = bucket.options
  return {
    driver: s3({ bucket: name, prefix, client, partSize: 5 * 1024 * 1024, ...options }),
    proxy,
    async close() {
      client.destroy()
      await proxy.close()
    },
  }
}

type RetryStrategy = Exclude<S3ClientConfig['retryStrategy'], undefined>

/** Retries what the SDK's own strategy retries, without its waits of seconds. */
function impatiently(maxAttempts: number): RetryStrategy {
  const token = (retries: number) => ({ getRetryCount: () => retries, getRetryDelay: () => 10 })
  return {
    mode: 'standard',
    acquireInitialRetryToken: async () => token(0),
    async refreshRetryTokenForRetry(last, { errorType }) {
      if (errorType === 'CLIENT_ERROR' || last.getRetryCount() + 1 >= maxAttempts)
        throw new Error('No more attempts')
      return token(last.getRetryCount() + 1)
    },
    recordSuccess() {
      // This strategy keeps no state.
    },
  }
}
