import { randomUUID } from 'node:crypto'
import { S3Error } from './s3-error.ts'
import type { Bucket, State, StoredObject, Version } from './state.ts'

/** What is put as a bucket's versioning: nothing at all until it is put for the first time. */
export type Versioning = 'Enabled' | 'Suspended' | undefined

export function versioningOf({ versioning }: Bucket): Versioning {
  const [, status] = /<Status>(Enabled|Suspended)<\/Status>/.exec(versioning) ?? []
  return status === 'Enabled' || status === 'Suspended' ? status : undefined
}

/** The version that every write without versioning has, and that the next such write takes the place of. */
export const nullVersion = 'null'

/** What is stored, as the newest version of its key. Gives the headers that name the version. */
export function store(bucket: Bucket, key: string, object: StoredObject): Readonly<Record<string, string>> {
  bucket.objects.set(key, object)
  return push(bucket, key, { modified: object.modified, object })
}

/** Deletes a key: with versioning, a marker says so and everything before it stays. */
export function erase(bucket: Bucket, key: string, { now }: State): Readonly<Record<string, string>> {
  bucket.objects.delete(key)
  if (versioningOf(bucket) === undefined) {
    bucket.history.delete(key)
    return {}
  }
  return {
    ...push(bucket, key, { modified: new Date(now()), object: undefined }),
    'x-amz-delete-marker': 'true',
  }
}

/** Deletes one version for good. What was before it is the newest then. */
export function eraseVersion(bucket: Bucket, key: string, id: string): Readonly<Record<string, string>> {
  const versions = bucket.history.get(key) ?? []
  const gone = versions.find((version) => version.id === id)
  const left = versions.filter((version) => version !== gone)
  if (left.length === 0) bucket.history.delete(key)
  else bucket.history.set(key, left)
  const newest = left[0]?.object
  if (newest === undefined) bucket.objects.delete(key)
  else bucket.objects.set(key, newest)
  return {
    'x-amz-version-id': id,
    ...(gone !== undefined && gone.object === undefined ? { 'x-amz-delete-marker': 'true' } : {}),
  }
}

/** The newest version of a key, or the one that is asked for. */
export function versionOf(
  bucket: Bucket,
  key: string,
  id: string | null,
): Version & { object: StoredObject } {
  const versions = bucket.history.get(key) ?? []
  const found = id === null ? versions[0] : versions.find((version) => version.id === id)
  if (found === undefined)
    throw id === null ? new S3Error(404, 'NoSuchKey') : new S3Error(404, 'NoSuchVersion')
  const { object } = found
  if (object === undefined)
    throw id === null
      ? new S3Error(404, 'NoSuchKey', {}, { 'x-amz-delete-marker': 'true', 'x-amz-version-id': found.id })
      : new S3Error(405, 'MethodNotAllowed', {}, { 'x-amz-delete-marker': 'true' })
  return { ...found, object }
}

/** The header that names a version, in a bucket that ever had versioning. */
export function versionHeader(bucket: Bucket, id: string): Readonly<Record<string, string>> {
  return versioningOf(bucket) === undefined ? {} : { 'x-amz-version-id': id }
}

/** Puts another description in the place of an object, as a thaw does: no new version. */
export function amend(bucket: Bucket, key: string, id: string, object: StoredObject): void {
  const versions = bucket.history.get(key) ?? []
  const amended = versions.map((version) => (version.id === id ? { ...version, object } : version))
  bucket.history.set(key, amended)
  if (amended[0]?.id === id) bucket.objects.set(key, object)
}

function push(bucket: Bucket, key: string, version: Omit<Version, 'id'>): Readonly<Record<string, string>> {
  const id = versioningOf(bucket) === 'Enabled' ? randomUUID().replaceAll('-', '') : nullVersion
  const before = bucket.history.get(key) ?? []
  const kept = id === nullVersion ? before.filter((earlier) => earlier.id !== nullVersion) : before
  // In place if possible: one key may have ten thousand versions.
  if (kept === before) before.unshift({ ...version, id })
  bucket.history.set(key, kept === before ? before : [{ ...version, id }, ...kept])
  return versionHeader(bucket, id)
}
