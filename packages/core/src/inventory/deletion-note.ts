import * as z from 'zod'
import { BackupError, isBackupError } from '../errors.js'
import { directoryOf, fileKey, manifestFile } from '../format/layout.js'
import { openManifest } from '../format/manifest/manifest-file.js'
import { longestManifest, openSealed, sealFields } from '../format/manifest/seal.js'
import { storedManifestIfAny } from '../format/manifest/stored-manifest.js'
import { storeOrRemove } from '../format/store-checked.js'
import { formatName } from '../manifest.js'
import type { Call, Driver } from '../ports/driver.js'
import { collect } from '../streams/bytes.js'
import { lastSegment } from './manifest-entry.js'

/** The kept manifest of a backup that was deleted and can be brought back. */
export interface DeletionNote {
  readonly id: string
  /** ISO 8601, UTC, by the clock of the machine that deleted it, like `purgeAfter`. */
  readonly deletedAt: string
  /** From then on its files may be removed for good. */
  readonly purgeAfter: string
  readonly reasons: readonly string[]
  /** The whole text of the manifest's file. */
  readonly manifest: string
}

const noteSchema = z.object({
  format: z.string().startsWith('s3db-backup/'),
  id: z.string(),
  deletedAt: z.iso.datetime(),
  purgeAfter: z.iso.datetime(),
  reasons: z.array(z.string()).readonly(),
  manifest: z.string(),
})

/** More notes than this mean that something other than interrupted deletions writes them. */
const mostNotes = 100

/** Escaped, a manifest's text takes less than twice its bytes. */
const longestNote = 2 * longestManifest

/**
 * `deleted.json` is the first, `deleted.2.json` the second, and so on; `undefined` if the object is not such a note. There is
 * a second one where an earlier deletion was interrupted, or undone and interrupted.
 */
export function noteGeneration(file: string): number | undefined {
  if (file === 'deleted.json') return 1
  const number = /^deleted\.([2-9]|[1-9]\d{1,5})\.json$/.exec(file)?.[1]
  return number === undefined ? undefined : Number(number)
}

/** The keys of the notes in a directory. */
export async function notesIn(driver: Driver, directory: string, call: Call): Promise<string[]> {
  const keys: string[] = []
  for await (const { key } of driver.list(`${directory}/deleted.`, call))
    if (noteGeneration(key.slice(directory.length + 1)) !== undefined) keys.push(key)
  return keys
}

/**
 * Keeps the manifest of a backup that is about to be deleted. The note will be the only copy, so it is read back. A
 * damaged manifest is kept unchanged, unless an earlier note has it whole. Nothing is written if an earlier note keeps
 * it for as long. Throws `corrupt` if the note was stored wrongly. Returns the time until which the backup can be brought
 * back (ISO 8601, UTC); `undefined` if its manifest is gone.
 */
export async function noteDeletion(
  driver: Driver,
  directory: string,
  { deletedAt, purgeAfter, reasons }: Pick<DeletionNote, 'deletedAt' | 'purgeAfter' | 'reasons'>,
  call: Call,
): Promise<string | undefined> {
  const found = await manifestText(driver, directory, call)
  if (found === undefined) return undefined
  const keys = await notesIn(driver, directory, call)
  const existing = await newestNote(driver, keys, call)
  const manifest = isDamaged(found) && existing !== undefined ? existing.manifest : found
  if (existing?.manifest === manifest && existing.purgeAfter >= purgeAfter) return existing.purgeAfter
  const last = Math.max(0, ...keys.map((key) => noteGeneration(lastSegment(key)) ?? 0))
  const file = last === 0 ? 'deleted.json' : `deleted.${last + 1}.json`
  const id = lastSegment(directory)
  const { bytes } = sealFields({ format: formatName, id, deletedAt, purgeAfter, reasons, manifest })
  try {
    await storeOrRemove(driver, fileKey(directory, file), bytes, { ...call, kind: 'note' })
    return purgeAfter
  } catch (error) {
    // Another process has just purged it, including its notes.
    if (isBackupError(error, 'not_found') && (await manifestText(driver, directory, call)) === undefined)
      return undefined
    // Another process deletes it at the same moment.
    if (!isBackupError(error, 'conflict') || keys.length >= mostNotes) throw error
    return noteDeletion(driver, directory, { deletedAt, purgeAfter, reasons }, call)
  }
}

/** The sound note that keeps the backup longest; one with a damaged manifest only if there is no other. */
export async function newestNote(
  driver: Driver,
  keys: readonly string[],
  call: Call,
): Promise<DeletionNote | undefined> {
  let newest: DeletionNote | undefined
  for (const key of keys) {
    const note = await readNote(driver, key, call)
    if (note !== undefined && (newest === undefined || outranks(note, newest))) newest = note
  }
  return newest
}

function outranks(one: DeletionNote, other: DeletionNote): boolean {
  const [damaged, otherDamaged] = [isDamaged(one.manifest), isDamaged(other.manifest)]
  return damaged === otherDamaged ? one.purgeAfter > other.purgeAfter : otherDamaged
}

/** Whether a manifest was altered since it was written. One of a newer format is not checked. */
export function isDamaged(manifest: string): boolean {
  try {
    openManifest(Buffer.from(manifest), manifestFile)
    return false
  } catch (error) {
    if (isBackupError(error, 'incompatible_format')) return false
    if (isBackupError(error, 'corrupt')) return true
    throw error
  }
}

/** `undefined` if it is gone, damaged, or of another backup. A note that seems damaged is read once more. */
async function readNote(driver: Driver, key: string, call: Call): Promise<DeletionNote | undefined> {
  return (await readNoteOnce(driver, key, call)) ?? readNoteOnce(driver, key, call)
}

async function readNoteOnce(driver: Driver, key: string, call: Call): Promise<DeletionNote | undefined> {
  try {
    const bytes = await collect(driver.get(key, { ...call, kind: 'note' }), longestNote, key)
    const { data } = noteSchema.safeParse(openSealed(bytes, key))
    return data?.id === lastSegment(directoryOf(key)) ? data : undefined
  } catch (error) {
    if (isBackupError(error, 'corrupt') || isBackupError(error, 'not_found')) return undefined
    throw error
  }
}

/** The text of the manifest's file; `undefined` if it is gone. A manifest that seems damaged is read once more. */
export async function manifestText(
  driver: Driver,
  directory: string,
  call: Call,
): Promise<string | undefined> {
  const first = await readText(driver, directory, call)
  if (first?.exact && !isDamaged(first.text)) return first.text
  const second = await readText(driver, directory, call)
  if (second === undefined || second.exact) return second?.text
  const key = fileKey(directory, manifestFile)
  throw new BackupError('corrupt', `${key} is too damaged to be kept for undelete`, {
    operation: 'delete',
    suggestion: 'Delete it for good, with a grace time of 0.',
    metadata: { backupId: lastSegment(directory), key },
  })
}

/** `exact` if the text has every byte. */
async function readText(
  driver: Driver,
  directory: string,
  call: Call,
): Promise<{ readonly text: string; readonly exact: boolean } | undefined> {
  const bytes = await storedManifestIfAny(driver, fileKey(directory, manifestFile), call)
  if (bytes === undefined) return undefined
  const text = Buffer.from(bytes).toString('utf8')
  return { text, exact: Buffer.from(text).equals(bytes) }
}
