import type { ObjectKind } from '@s3db-backup/core'

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html, x-amz-storage-class */
export const storageClasses = [
  'STANDARD',
  'STANDARD_IA',
  'ONEZONE_IA',
  'REDUCED_REDUNDANCY',
  'GLACIER',
  'DEEP_ARCHIVE',
  'GLACIER_IR',
  'INTELLIGENT_TIERING',
  'EXPRESS_ONEZONE',
] as const

export type StorageClass = (typeof storageClasses)[number]

/**
 * The class for an object: the configured one for parts, for everything else none, which is the bucket's own default and
 * readable at once. Listing, planning and the next incremental backup read the rest, and would wait hours for it in
 * an archive.
 */
export function storageClassFor(
  kind: ObjectKind,
  configured: StorageClass | undefined,
): StorageClass | undefined {
  return kind === 'part' ? configured : undefined
}
