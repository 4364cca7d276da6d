import type { S3Client, ServiceInputTypes, ServiceOutputTypes } from '@aws-sdk/client-s3'
import { openClient } from './client.js'
import { actionOf, keyIn, type S3Command } from './command.js'
import { explain } from './errors.js'
import { type CheckedOptions, parseS3Options, type S3Options } from './options.js'
import { type Watched, watchAnswer } from './watch-answer.js'

/** A bucket and the way to it. Everything that this package asks of a server goes through `send`. */
export interface Connection {
  readonly options: CheckedOptions
  readonly client: S3Client
  /** The bucket, and the customer's key where there is one: what requests for an object's bytes have in common. */
  readonly object: (key: string) => ObjectAddress
  /** The full key of what core calls `key`. */
  readonly fullKey: (key: string) => string
  /** Sends a request. Rejects with `signal.reason`, or with a `BackupError` that names the cause. */
  send<Input extends ServiceInputTypes, Output extends ServiceOutputTypes>(
    command: S3Command<Input, Output>,
    signal: AbortSignal,
  ): Promise<Output>
  close(): void
}

export interface ObjectAddress {
  readonly Bucket: string
  readonly Key: string
  readonly SSECustomerAlgorithm?: string
  readonly SSECustomerKey?: string
}

/** Connects nothing yet: the first request does. */
export function connect(input: S3Options): Connection {
  const options = parseS3Options(input)
  const { client, ours } = openClient(options)
  const { bucket, prefix, sseCustomerKey } = options
  const fullKey = (key: string) => (prefix === '' ? key : `${prefix}/${key}`)
  const secrets = secretsOf(options)
  const customerKey =
    sseCustomerKey === undefined ? {} : { SSECustomerAlgorithm: 'AES256', SSECustomerKey: sseCustomerKey }
  return {
    options,
    client,
    fullKey,
    object: (key) => ({ Bucket: bucket, Key: fullKey(key), ...customerKey }),
    async send(command, signal) {
      signal.throwIfAborted()
      const watched: Watched = {}
      watchAnswer(command, watched)
      try {
        return await client.send(command, { abortSignal: signal })
      } catch (error) {
        signal.throwIfAborted()
        throw explain(error, {
          bucket,
          key: keyIn(command.input),
          action: actionOf(command),
          ...watched.address,
          secrets,
        })
      }
    },
    close() {
      if (ours) client.destroy()
    },
  }
}

/** What no message may show, whatever a server repeats. */
function secretsOf({ sseCustomerKey, credentials }: CheckedOptions): string[] {
  const keys = typeof credentials === 'object' ? [credentials.secretAccessKey, credentials.sessionToken] : []
  return [sseCustomerKey, ...keys].filter((secret) => secret !== undefined)
}
