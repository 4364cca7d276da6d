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
 * What listing, planning and the next incremental backup read: manifests, keys, notes, leases and reports, which are all
 * `.json`, and key indexes. An archived class would make each of them wait hours.
 */
const alwaysHot = [/\.json$/, /\.index(\.\d+)?\.jsonl/, /\.lost(\.\d+)?\.jsonl/]

/** The class for an object. None means the bucket's own default, which is readable at once. */
export function storageClassFor(key: string, configured: StorageClass | undefined): StorageClass | undefined {
  const file = key.slice(key.lastIndexOf('/') + 1)
  return alwaysHot.some((pattern) => pattern.test(file)) ? undefined : configured
}
