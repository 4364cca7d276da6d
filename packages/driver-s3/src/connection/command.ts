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
  ListPartsCommand,
  PutObjectCommand,
  RestoreObjectCommand,
  type S3ClientResolvedConfig,
  type ServiceInputTypes,
  type ServiceOutputTypes,
  UploadPartCommand,
} from '@aws-sdk/client-s3'

/** A command of the AWS SDK. */
export type S3Command<Input extends ServiceInputTypes, Output extends ServiceOutputTypes> = Command<
  Input,
  Output,
  S3ClientResolvedConfig,
  ServiceInputTypes,
  ServiceOutputTypes
>

/**
 * The IAM action that a command needs
 * (https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html).
 */
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
  [ListPartsCommand, 's3:ListMultipartUploadParts'],
  [GetObjectCommand, 's3:GetObject'],
  [HeadObjectCommand, 's3:GetObject'],
  [ListObjectsV2Command, 's3:ListBucket'],
  [DeleteObjectCommand, 's3:DeleteObject'],
  [RestoreObjectCommand, 's3:RestoreObject'],
  [GetBucketVersioningCommand, 's3:GetBucketVersioning'],
  [GetObjectLockConfigurationCommand, 's3:GetBucketObjectLockConfiguration'],
])

/** The key that a command is about. */
export function keyIn(input: object): string | undefined {
  return 'Key' in input && typeof input.Key === 'string' ? input.Key : undefined
}
