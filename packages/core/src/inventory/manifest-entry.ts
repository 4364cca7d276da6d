import { BackupError, isBackupError } from '../errors.js'
import { isMadeId } from '../format/backup-id.js'
import { manifestFile } from '../format/layout.js'
import { looksLikeManifest, openManifest } from '../format/manifest/manifest-file.js'
import { storedManifest } from '../format/manifest/stored-manifest.js'
import type { Manifest } from '../manifest.js'
import type { Call, Driver, ObjectInfo } from '../ports/driver.js'
import type { ManifestCache, StampedObject } from '../ports/manifest-cache.js'

/** Another directory that holds the same backup, manifest and all. */
export interface BackupCopy {
  /** Relative to the driver's root. */
  readonly directory: string
  /** Whether it has every part with its size. */
  readonly complete: boolean
}

/** A backup as the destination has it. */
export interface CatalogEntry {
  readonly id: string
  /** Its directory, relative to the driver's root. */
  readonly directory: string
  readonly manifest: Manifest
  /** SHA-256 of the manifest, which itself holds the hash of every part. */
  readonly checksum: string
  /** Stored size of the manifest, in bytes. */
  readonly manifestBytes: number
  /**
   * Whether it is dated later than the storage's clock says it is now. Set by lists; such a backup is listed after the
   * others and is the newest of nothing.
   */
  readonly datedAhead?: boolean | undefined
  /**
   * Other directories with the same manifest. They are this backup too; it is read from `directory`, and not removed
   * before a person has removed one of them.
   */
  readonly copies?: readonly BackupCopy[] | undefined
}

/** A directory that holds a manifest which cannot be read. */
export interface DamagedEntry {
  readonly id: string
  readonly directory: string
  readonly problem: BackupError
}

/** The place of a manifest, and the cache that may keep it. */
export interface ManifestPlace {
  readonly driver: Driver
  readonly cache?: ManifestCache | undefined
  readonly directory: string
  /** The object of its `s3db.json`. */
  readonly object: ObjectInfo
}

/**
 * The entry of a directory with an `s3db.json`; `undefined` if that is not a manifest of ours. A manifest that seems
 * damaged is read once more: a bad read must not hide what its backup needs. Throws `not_found` if it is gone.
 */
export async function readManifestEntry(
  place: ManifestPlace,
  call: Call,
): Promise<CatalogEntry | DamagedEntry | undefined> {
  const remembered = await recall(place, call)
  if (remembered !== undefined) return remembered
  const entry = await readOnce(place, call)
  return entry !== undefined && 'problem' in entry ? readOnce(place, call) : entry
}

/** A manifest from the cache counts only if it is whole. */
async function recall(place: ManifestPlace, call: Call): Promise<CatalogEntry | undefined> {
  const { cache, object, directory } = place
  if (cache === undefined || !isStamped(object)) return undefined
  const bytes = await cache.get(object, call).catch(() => undefined)
  if (bytes === undefined || bytes.byteLength !== object.bytes) return undefined
  const entry = entryFrom(bytes, directory)
  return entry !== undefined && 'manifest' in entry ? entry : undefined
}

async function readOnce(
  { driver, cache, directory, object }: ManifestPlace,
  call: Call,
): Promise<CatalogEntry | DamagedEntry | undefined> {
  const reading = storedManifest(driver, object.key, call)
  const bytes = await reading.catch((error: unknown) => damagedEntry(directory, error))
  if (!(bytes instanceof Uint8Array)) return bytes
  const entry = entryFrom(bytes, directory)
  // With another size it is not the object that was listed, and the stamp belongs to another one.
  const isSound = entry !== undefined && 'manifest' in entry && bytes.byteLength === object.bytes
  if (isSound && isStamped(object)) await cache?.put(object, bytes, call).catch(() => undefined)
  return entry
}

function entryFrom(bytes: Uint8Array, directory: string): CatalogEntry | DamagedEntry | undefined {
  const id = lastSegment(directory)
  const key = `${directory}/${manifestFile}`
  // A database's own metadata has the same file name. It is not a backup, so it is not a damaged one.
  if (!looksLikeManifest(bytes) && !isMadeId(id)) return undefined
  try {
    const { manifest, checksum } = openManifest(bytes, key)
    if (manifest.id !== id) {
      throw new BackupError('corrupt', `${key} is the manifest of another backup, ${manifest.id}`)
    }
    return { id, directory, manifest, checksum, manifestBytes: bytes.byteLength }
  } catch (error) {
    return damagedEntry(directory, error)
  }
}

function damagedEntry(directory: string, error: unknown): DamagedEntry {
  const id = lastSegment(directory)
  if (!isBackupError(error, 'corrupt') && !isBackupError(error, 'incompatible_format')) throw error
  return { id, directory, problem: error.with({ metadata: { backupId: id } }) }
}

function isStamped(object: ObjectInfo): object is StampedObject {
  return object.stamp !== undefined
}

export function lastSegment(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
