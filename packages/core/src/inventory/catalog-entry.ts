import { BackupError, isBackupError } from '../errors.js'
import { isMadeId } from '../format/backup-id.js'
import { fileKey, manifestFile } from '../format/layout.js'
import type { Manifest } from '../format/manifest.js'
import { longestManifest, looksLikeManifest, openManifest } from '../format/manifest-file.js'
import type { Driver } from '../ports/driver.js'
import { collect } from '../streams/bytes.js'

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
}

/** A directory that holds a manifest which cannot be read. */
export interface DamagedEntry {
  readonly id: string
  readonly directory: string
  readonly problem: BackupError
}

/**
 * What a directory with an `s3db.json` holds; nothing if that is no manifest of ours, or gone. What seems damaged is
 * read once more: a read that went wrong must not hide what its backup needs.
 */
export async function readEntry(
  driver: Driver,
  directory: string,
  signal: AbortSignal,
): Promise<CatalogEntry | DamagedEntry | undefined> {
  const entry = await readOnce(driver, directory, signal)
  return entry !== undefined && 'problem' in entry ? readOnce(driver, directory, signal) : entry
}

async function readOnce(
  driver: Driver,
  directory: string,
  signal: AbortSignal,
): Promise<CatalogEntry | DamagedEntry | undefined> {
  const id = lastSegment(directory)
  const key = fileKey(directory, manifestFile)
  try {
    const bytes = await collect(driver.get(key, { signal, kind: 'manifest' }), longestManifest, key)
    // A database's own metadata has the same file name. It is not a backup, so it is not a damaged one.
    if (!looksLikeManifest(bytes) && !isMadeId(id)) return undefined
    const { manifest, checksum } = openManifest(bytes, key)
    if (manifest.id !== id) {
      throw new BackupError('corrupt', `${key} is the manifest of another backup, ${manifest.id}`)
    }
    return { id, directory, manifest, checksum, manifestBytes: bytes.byteLength }
  } catch (error) {
    if (isBackupError(error, 'not_found')) return undefined
    if (!isBackupError(error, 'corrupt') && !isBackupError(error, 'incompatible_format')) throw error
    return { id, directory, problem: error.with({ metadata: { backupId: id } }) }
  }
}

export function lastSegment(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
