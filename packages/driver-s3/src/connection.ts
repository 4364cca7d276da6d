import {
  AbortMultipartUploadCommand,
  type $Command as Command,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  GetObjectLockConfigurationCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  RestoreObjectCommand,
  type S3Client,
  type S3ClientResolvedConfig,
  type ServiceInputTypes,
  type ServiceOutputTypes,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { openClient } from './client.js'
import { explain } from './errors.js'
import { type CheckedOptions, parseS3Options, type S3Options } from './options.js'

/** A command of the AWS SDK. */
export type S3Command<Input extends ServiceInputTypes, Output extends ServiceOutputTypes> = Command<
  Input,
  Output,
  S3ClientResolvedConfig,
  ServiceInputTypes,
  ServiceOutputTypes
>

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
  const customerKey =
    sseCustomerKey === undefined ? {} : { SSECustomerAlgorithm: 'AES256', SSECustomerKey: sseCustomerKey }
  return {
    options,
    client,
    fullKey,
    object: (key) => ({ Bucket: bucket, Key: fullKey(key), ...customerKey }),
    async send(command, signal) {
      signal.throwIfAborted()
      try {
        return await client.send(command, { abortSignal: signal })
      } catch (error) {
        signal.throwIfAborted()
        throw explain(error, { bucket, key: keyIn(command.input), action: actionOf(command) })
      }
    },
    close() {
      if (ours) client.destroy()
    },
  }
}

/** The IAM action that a command needs (https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html). */
export function actionOf(command: object): string {
  return actions.get(command.constructor) ?? 's3'
}

const actions = new Map<unknown, string>([
  [PutObjectCommand, 's3:PutObject'],
  [CreateMultipartUploadCommand, 's3:PutObject'],
  [UploadPartCommand, 's3:PutObject'],
  [CompleteMultipartUploadCommand, 's3:PutObject'],
  [AbortMultipartUploadCommand, 's3:AbortMultipartUpload'],
  [ListMultipartUploadsCommand, 's3:ListBucketMultipartUploads'],
  [GetObjectCommand, 's3:GetObject'],
  [HeadObjectCommand, 's3:GetObject'],
  [ListObjectsV2Command, 's3:ListBucket'],
  [DeleteObjectCommand, 's3:DeleteObject'],
  [RestoreObjectCommand, 's3:RestoreObject'],
  [GetBucketVersioningCommand, 's3:GetBucketVersioning'],
  [GetObjectLockConfigurationCommand, 's3:GetBucketObjectLockConfiguration'],
])

function keyIn(input: object): string | undefined {
  return 'Key' in input && typeof input.Key === 'string' ? input.Key : undefined
}
