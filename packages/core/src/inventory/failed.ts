import * as z from 'zod'
import type { Run } from '../backup/backup-run.js'
import { errorTable, type Operation, operationTable } from '../error-table.js'
import { BackupError, isBackupError, isErrorCode } from '../errors.js'
import { readNote, storeNote } from '../format/json-note.js'
import { failedFile, fileKey } from '../format/layout.js'
import { formatName } from '../format/manifest.js'
import type { Call, Driver } from '../ports/driver.js'
import { guard } from '../ports/guard.js'
import { lastSegment } from './catalog-entry.js'
import { type Directory, scanDirectories } from './directories.js'
import { longestNote, readStarted } from './started.js'

/** A backup that failed or was cancelled, as the note at the destination tells it. */
export interface FailedBackup {
  readonly id: string
  /** Relative to the driver's root. */
  readonly directory: string
  readonly type: string
  /** ISO 8601, UTC, by the clock of the process that made it, like `failedAt`. */
  readonly startedAt: string
  readonly failedAt: string
  /** Whether its signal ended it. */
  readonly cancelled: boolean
  /** The cause in the words of the error table. What the error itself said stays with the process that saw it. */
  readonly error: BackupError
  /** Objects in its directory, the note among them; more than one if it could not take all back. */
  readonly files: number
  /** Bytes they take. */
  readonly bytes: number
}

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

/**
 * Leaves a note of the failure in the backup's directory. Messages of databases and storages may quote records,
 * keys and addresses, and the note may be read by more people than they: so it has the code, and the table's
 * own words for it.
 */
export async function noteFailure(run: Run, error: unknown, call: Call): Promise<void> {
  const { driver, directory, id, type, startedAt, claim, now } = run
  const cancelled = run.cancelled()
  const { code, operation, message } = inTheTablesWords(error, cancelled)
  const times = { startedAt: startedAt.toISOString(), failedAt: now().toISOString() }
  const note = { format: formatName, id, type, ...times, claim, cancelled, code, operation, message }
  await storeNote(driver, fileKey(directory, failedFile), note, { ...call, kind: 'note' })
}

/**
 * The backups that failed or were cancelled and could leave a note of it, in the order of their failures, from
 * one listing. One that was made again under its id, or is being made again, is not among them. Writes nothing.
 */
export async function failed(options: {
  readonly driver: Driver
  /** Only this one. */
  readonly id?: string | undefined
  readonly signal?: AbortSignal | undefined
}): Promise<FailedBackup[]> {
  const call: Call = { signal: options.signal ?? new AbortController().signal }
  const driver = guard(options.driver)
  const all = await scanDirectories(driver, call)
  return failedIn(
    driver,
    all.filter(({ path }) => options.id === undefined || lastSegment(path) === options.id),
    call,
  )
}

/** Those of them that hold a note of a failure, and no manifest. */
export async function failedIn(
  driver: Driver,
  directories: readonly Directory[],
  call: Call,
): Promise<FailedBackup[]> {
  const found: FailedBackup[] = []
  for (const directory of directories) {
    if (!directory.failed || directory.finished || directory.deleted) continue
    const entry = await readFailed(driver, directory, call)
    if (entry !== undefined) found.push(entry)
  }
  return found.sort((a, b) => Date.parse(a.failedAt) - Date.parse(b.failedAt))
}

async function readFailed(
  driver: Driver,
  { path, started, files, bytes }: Directory,
  call: Call,
): Promise<FailedBackup | undefined> {
  const form = { schema: failedSchema, longest: longestNote }
  const note = await readNote(driver, fileKey(path, failedFile), form, { ...call, kind: 'note' })
  if (note === undefined || note.id !== lastSegment(path)) return undefined
  // A start that the note does not belong to is a later attempt under the same id.
  if (started && (await readStarted(driver, path, call))?.claim !== note.claim) return undefined
  const { id, type, startedAt, failedAt, cancelled, message } = note
  const error = new BackupError(isErrorCode(note.code) ? note.code : 'internal', message, {
    operation: isOperation(note.operation) ? note.operation : 'backup',
    metadata: { backupId: id, startedAt, failedAt, cancelled },
  })
  return { id, directory: path, type, startedAt, failedAt, cancelled, error, files, bytes }
}

function inTheTablesWords(error: unknown, cancelled: boolean) {
  if (!isBackupError(error)) {
    return cancelled
      ? { code: 'unavailable', operation: 'backup', message: 'The backup was stopped before it was complete' }
      : { code: 'internal', operation: 'backup', message: errorTable.internal.meaning }
  }
  const { code, operation, description } = new BackupError(error.code, '', { operation: error.operation })
  return { code, operation, message: `${description}: ${errorTable[code].meaning}` }
}

function isOperation(text: string): text is Operation {
  return Object.hasOwn(operationTable, text)
}
