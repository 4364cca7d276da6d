import { isBackupError } from '../errors.js'
import { isBackupId } from '../format/backup-id.js'
import { firstKeyPart, keyGeneration } from '../format/key-files.js'
import { directoryOf, fileKey, manifestFile } from '../format/layout.js'
import type { Manifest } from '../format/manifest.js'
import { openManifest } from '../format/manifest-file.js'
import type { Call, Driver, ObjectInfo } from '../ports/driver.js'
import { guard } from '../ports/guard.js'
import { ordered } from '../streams/ordered.js'
import { lastSegment } from './catalog-entry.js'
import { newestNote, noteGeneration } from './deletion-note.js'

/** A backup that was deleted and whose files are still there. */
export interface DeletedBackup {
  readonly id: string
  /** Its directory, relative to the driver's root. */
  readonly directory: string
  /** ISO 8601, UTC, by the clock of whoever deleted it. */
  readonly deletedAt: string
  /**
   * From then on its files may be removed for good. Where another deleted backup builds on it that can be brought
   * back for longer, that one's time.
   */
  readonly purgeAfter: string
  /** Why it was deleted, if that was said. */
  readonly reasons: readonly string[]
  /** The backup that it builds on; `null` also where its manifest was damaged already. */
  readonly parent: string | null
  /** Of an encrypted backup, what can be read without the key. Nothing if it was damaged when it was deleted. */
  readonly manifest: Manifest | undefined
  /**
   * Whether all its files are there. If not, it can be brought back no more. Also `false` where the manifest cannot be
   * read and nobody knows; then `undelete` brings back what there is.
   */
  readonly complete: boolean
  readonly files: number
  /** Bytes that they take. They are free once it is purged. */
  readonly bytes: number
}

/** A deleted backup and what bringing it back needs. */
export interface Deleted extends DeletedBackup {
  /** The exact text of its manifest's file. */
  readonly manifestText: string
}

/**
 * The backups that were deleted and can still be brought back, or wait to be purged; the one that was deleted last
 * comes first. Writes nothing.
 */
export async function deleted(options: {
  readonly driver: Driver
  readonly signal?: AbortSignal
}): Promise<DeletedBackup[]> {
  const call: Call = { signal: options.signal ?? new AbortController().signal }
  const found = await findDeleted(guard(options.driver), call)
  return found.map(({ manifestText: _, ...entry }) => entry)
}

/** Notes that are read at once. */
const inFlight = 8

/** As {@link deleted}, with the text of each manifest. */
export async function findDeleted(driver: Driver, call: Call): Promise<Deleted[]> {
  // With both a manifest and a note it was not deleted yet, or is there again.
  const gone = [...(await directoriesWithNotes(driver, call))].filter(
    ([directory, objects]) => !objects.some(({ key }) => key === fileKey(directory, manifestFile)),
  )
  const found: Deleted[] = []
  const read = ordered(gone, inFlight, ([directory, objects]) =>
    readDeleted(driver, directory, objects, call),
  )
  for await (const entry of read) if (entry !== undefined) found.push(entry)
  return withDescendants(found).sort(lastDeletedFirst)
}

async function directoriesWithNotes(driver: Driver, call: Call): Promise<Map<string, ObjectInfo[]>> {
  const directories = new Map<string, ObjectInfo[]>()
  const noted = new Set<string>()
  for await (const info of driver.list('', call)) {
    const directory = directoryOf(info.key)
    if (!isBackupId(lastSegment(directory))) continue
    const objects = directories.get(directory)
    if (objects === undefined) directories.set(directory, [info])
    else objects.push(info)
    if (noteGeneration(lastSegment(info.key)) !== undefined) noted.add(directory)
  }
  return new Map([...directories].filter(([directory]) => noted.has(directory)))
}

async function readDeleted(
  driver: Driver,
  directory: string,
  objects: readonly ObjectInfo[],
  call: Call,
): Promise<Deleted | undefined> {
  const keys = objects.map(({ key }) => key).filter((key) => noteGeneration(lastSegment(key)) !== undefined)
  const note = await newestNote(driver, keys, call)
  if (note === undefined) return undefined
  const { id, deletedAt, purgeAfter, reasons } = note
  const manifest = manifestOf(note.manifest, directory)
  return {
    id,
    directory,
    deletedAt,
    purgeAfter,
    reasons,
    parent: manifest?.parent ?? null,
    manifest,
    complete: manifest !== undefined && isComplete(manifest, directory, objects),
    files: objects.length,
    bytes: objects.reduce((sum, { bytes }) => sum + bytes, 0),
    manifestText: note.manifest,
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

function isComplete(manifest: Manifest, directory: string, objects: readonly ObjectInfo[]): boolean {
  const sizes = new Map(objects.map(({ key, bytes }) => [key, bytes]))
  const keys = firstKeyPart(manifest)
  // After a rotation the first key file may be gone, and another one opens the backup.
  const rotated = objects.some(({ key }) => (keyGeneration(lastSegment(key)) ?? 0) > 1)
  return manifest.parts.every(
    (part) => sizes.get(fileKey(directory, part.file)) === part.bytes || (part === keys && rotated),
  )
}

/** Each lasts as long as the longest of those that build on it. */
function withDescendants(found: readonly Deleted[]): Deleted[] {
  const entries = new Map(found.map((entry) => [entry.id, entry]))
  const lasting = new Map(found.map(({ id, purgeAfter }) => [id, purgeAfter]))
  for (const { id, purgeAfter } of found)
    for (const above of ancestorsOf(id, entries))
      if (purgeAfter > (lasting.get(above) ?? purgeAfter)) lasting.set(above, purgeAfter)
  return found.map((entry) => ({ ...entry, purgeAfter: lasting.get(entry.id) ?? entry.purgeAfter }))
}

/** What a backup builds on, the nearest first, as far as the parents are known. */
export function ancestorsOf(
  id: string,
  entries: ReadonlyMap<string, { readonly parent: string | null }>,
): string[] {
  const above: string[] = []
  for (let next = entries.get(id)?.parent; next != null && next !== id && !above.includes(next); ) {
    above.push(next)
    next = entries.get(next)?.parent
  }
  return above
}

function lastDeletedFirst(a: DeletedBackup, b: DeletedBackup): number {
  return Date.parse(b.deletedAt) - Date.parse(a.deletedAt) || (a.id < b.id ? 1 : -1)
}
