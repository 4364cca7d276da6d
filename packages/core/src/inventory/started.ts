import * as z from 'zod'
import { BackupError } from '../errors.js'
import { readNote, storeNote } from '../format/json-note.js'
import { fileKey, startedFile } from '../format/layout.js'
import { formatName } from '../manifest.js'
import type { Call, Driver } from '../ports/driver.js'
import { version } from '../version.js'
import type { Attempt } from './attempt.js'
import { isListed } from './is-listed.js'

/** The note that a backup leaves in its directory before anything else. */
export interface Started {
  readonly id: string
  readonly type: string
  /** ISO 8601, UTC. */
  readonly startedAt: string
  readonly writer: { readonly name: string; readonly version: string }
  /** Made up by whoever began it; notes of the time before claims have none. */
  readonly claim?: string | undefined
}

/** A note is some 300 bytes; nothing larger is one. */
export const longestNote = 4096

/** How long a backup must have run before anybody may take it for dead, in ms: the least grace of `sweep`. */
export const leastGrace = 60 * 60 * 1000

/** After this time a backup without a manifest counts as abandoned, in ms: a day. */
export const defaultGrace = 24 * 60 * 60 * 1000

const startedSchema = z.object({
  format: z.string().startsWith('s3db-backup/'),
  id: z.string(),
  type: z.string(),
  startedAt: z.iso.datetime(),
  writer: z.object({ name: z.string(), version: z.string() }),
  claim: z.string().optional(),
})

/**
 * Tells other processes that a backup is under way, and claims the directory: of two that begin under one id at
 * once, the storage lets one write this note, and the other fails with `conflict`. It stays beside the manifest,
 * which does not name it.
 */
export async function noteStart(
  driver: Driver,
  { directory, id, type, startedAt, claim }: Attempt,
  call: Call,
): Promise<void> {
  const note = {
    format: formatName,
    id,
    type,
    startedAt: startedAt.toISOString(),
    writer: { name: '@s3db-backup/core', version },
    claim,
  }
  await storeNote(driver, fileKey(directory, startedFile), note, { ...call, kind: 'note', begins: true })
}

/**
 * Throws `conflict` if the note is gone, and so perhaps some of the parts: somebody took the backup for dead, or
 * deleted it by force. Asked after the manifest was stored: whoever takes the note away after this sees it.
 */
export async function checkNotSwept(driver: Driver, { directory, id }: Attempt, call: Call): Promise<void> {
  if (await isListed(driver, fileKey(directory, startedFile), call)) return
  // A listing may lag behind; a read does not.
  if ((await readStarted(driver, directory, call)) !== undefined) return
  throw new BackupError('conflict', `Backup '${id}' was deleted while it ran, or removed as abandoned`, {
    suggestion:
      'Run it again. If a sweep removed it, give the sweep a grace time longer than a backup takes.',
    metadata: { backupId: id },
  })
}

/** The note in a directory. Nothing if there is none, or none that can be read. */
export function readStarted(driver: Driver, directory: string, call: Call): Promise<Started | undefined> {
  return readNote(
    driver,
    fileKey(directory, startedFile),
    { schema: startedSchema, longest: longestNote },
    { ...call, kind: 'note' },
  )
}
