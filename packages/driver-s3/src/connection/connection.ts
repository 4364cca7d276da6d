import type { S3Client } from '@aws-sdk/client-s3'
import { type CheckedOptions, parseS3Options, type S3Options } from '../options.js'
import { openClient } from './client.js'
import { type Send, sender } from './send.js'
import { type Support, supportOf } from './support.js'

/** A bucket and the way to it. Everything that this package asks of a server goes through `send`. */
export interface Connection {
  readonly options: CheckedOptions
  readonly client: S3Client
  /** The bucket, and the customer's key where there is one: what requests for an object's bytes have in common. */
  readonly object: (key: string) => ObjectAddress
  /** The full key of what core calls `key`. */
  readonly fullKey: (key: string) => string
  readonly send: Send
  /** The features that the server lacks. */
  readonly support: Support
  close(): void
}

export interface ObjectAddress {
  readonly Bucket: string
  readonly Key: string
  readonly SSECustomerAlgorithm?: string | undefined
  readonly SSECustomerKey?: string | undefined
}

/** Connects nothing yet: the first request does. */
export function connect(input: S3Options): Connection {
  const options = parseS3Options(input)
  const { client, ours, proxyFor } = openClient(options)
  const { bucket, prefix, sseCustomerKey } = options
  const fullKey = (key: string) => (prefix === '' ? key : `${prefix}/${key}`)
  const support = supportOf(options, options.onWarning)
  const customerKey =
    sseCustomerKey === undefined ? {} : { SSECustomerAlgorithm: 'AES256', SSECustomerKey: sseCustomerKey }
  return {
    options,
    client,
    fullKey,
    object: (key) => ({ Bucket: bucket, Key: fullKey(key), ...customerKey }),
    send: sender({ client, options, support, proxyFor }),
    support,
    close() {
      if (ours) client.destroy()
    },
  }
}
