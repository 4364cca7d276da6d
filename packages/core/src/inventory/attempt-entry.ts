import * as z from 'zod'
import { type Operation, operationTable } from '../error-table.js'
import { BackupError, isErrorCode } from '../errors.js'
import { readNote } from '../format/json-note.js'
import { failedFile, fileKey, startedFile } from '../format/layout.js'
import type { Call, Driver } from '../ports/driver.js'
import type { IsAbandoned } from './abandoned.js'
import type { BegunEntry, FailedEntry } from './inventory-entry.js'
import { longestNote, readStarted, type Started } from './started.js'
import { objectNamed, type StoredDirectory } from './stored-directory.js'

const failedSchema = z.object({
  format: z.string().startsWith('s3db-backup/'),
  id: z.string(),
  type: z.string(),
  startedAt: z.iso.datetime(),
  failedAt: z.iso.datetime(),
  claim: z.string().optional(),
  cancelled: z.boolean(),
  code: z.string(),
  operation: z.string(),
  message: z.string(),
})

type FailureNote = z.infer<typeof failedSchema>

/**
 * The entry of a directory without a manifest, from the notes of its start and its failure; `undefined` without a
 * readable note. A start that does not match the note of the failure is a later attempt under the same id.
 */
export async function readAttempt(
  driver: Driver,
  stored: StoredDirectory,
  isAbandoned: IsAbandoned,
  call: Call,
): Promise<BegunEntry | FailedEntry | undefined> {
  const { id, directory, objects } = stored
  const hasStart = objectNamed(stored, startedFile) !== undefined
  const hasFailure = objectNamed(stored, failedFile) !== undefined
  const start = hasStart ? await readStarted(driver, directory, call) : undefined
  const failure = hasFailure ? await readFailure(driver, directory, call) : undefined
  if (failure?.id === id && (!hasStart || start?.claim === failure.claim))
    return { ...failedEntry(failure), id, directory, objects, leftover: await begunBy(start) }
  const begun = await begunBy(start)
  return begun === undefined ? undefined : { ...begun, id, directory, objects }

  async function begunBy(start: Started | undefined): Promise<FailedEntry['leftover']> {
    if (start?.id !== id) return undefined
    const { type, startedAt } = start
    return { state: (await isAbandoned(id, startedAt, call)) ? 'abandoned' : 'running', type, startedAt }
  }
}

function readFailure(driver: Driver, directory: string, call: Call): Promise<FailureNote | undefined> {
  const form = { schema: failedSchema, longest: longestNote }
  return readNote(driver, fileKey(directory, failedFile), form, { ...call, kind: 'note' })
}

function failedEntry(
  note: FailureNote,
): Pick<FailedEntry, 'state' | 'type' | 'startedAt' | 'failedAt' | 'cancelled' | 'error'> {
  const { id, type, startedAt, failedAt, cancelled, message } = note
  const error = new BackupError(isErrorCode(note.code) ? note.code : 'internal', message, {
    operation: isOperation(note.operation) ? note.operation : 'backup',
    metadata: { backupId: id, startedAt, failedAt, cancelled },
  })
  return { state: 'failed', type, startedAt, failedAt, cancelled, error }
}

function isOperation(text: string): text is Operation {
  return Object.hasOwn(operationTable, text)
}
