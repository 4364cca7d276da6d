import { isBackupError } from '../errors.js'
import { fileKey, manifestFile } from '../format/layout.js'
import { openManifest } from '../format/manifest/manifest-file.js'
import type { Manifest } from '../manifest.js'
import type { Call, Driver } from '../ports/driver.js'
import { missingParts } from './copies.js'
import { newestNote, noteGeneration } from './deletion-note.js'
import type { DeletedEntry } from './inventory-entry.js'
import { lastSegment } from './manifest-entry.js'
import type { StoredDirectory } from './stored-directory.js'

/** A deleted backup, from the notes of its deletion; `undefined` if none of them can be read. */
export async function readDeleted(
  driver: Driver,
  { id, directory, objects }: StoredDirectory,
  call: Call,
): Promise<DeletedEntry | undefined> {
  const keys = objects.map(({ key }) => key).filter((key) => noteGeneration(lastSegment(key)) !== undefined)
  const note = await newestNote(driver, keys, call)
  if (note === undefined) return undefined
  const { deletedAt, purgeAfter, reasons } = note
  const manifest = manifestOf(note.manifest, directory)
  return {
    state: 'deleted',
    id,
    directory,
    objects,
    deletedAt,
    purgeAfter,
    reasons,
    parent: manifest?.parent ?? null,
    manifest,
    manifestText: note.manifest,
    complete: manifest !== undefined && missingParts({ manifest, directory, objects }) === 0,
  }
}

function manifestOf(text: string, directory: string): Manifest | undefined {
  try {
    const { manifest } = openManifest(Buffer.from(text), fileKey(directory, manifestFile))
    return manifest.id === lastSegment(directory) ? manifest : undefined
  } catch (error) {
    if (isBackupError(error, 'corrupt') || isBackupError(error, 'incompatible_format')) return undefined
    throw error
  }
}
