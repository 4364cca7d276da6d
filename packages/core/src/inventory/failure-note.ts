import { errorTable } from '../error-table.js'
import { BackupError, isBackupError } from '../errors.js'
import { storeNote } from '../format/json-note.js'
import { failedFile, fileKey } from '../format/layout.js'
import { formatName } from '../manifest.js'
import type { Call, Driver } from '../ports/driver.js'
import type { Attempt } from './attempt.js'

/** Why an attempt failed. */
export interface Failure {
  readonly error: unknown
  /** Whether its caller stopped it. */
  readonly cancelled: boolean
  readonly at: Date
}

/**
 * Leaves a note of the failure in the backup's directory. Messages of databases and storages may quote records,
 * keys and addresses, and the note may be read by more people than they: so it has the code, and the table's
 * own words for it.
 */
export async function noteFailure(
  driver: Driver,
  { directory, id, type, startedAt, claim }: Attempt,
  { error, cancelled, at }: Failure,
  call: Call,
): Promise<void> {
  const { code, operation, message } = inTheTablesWords(error, cancelled)
  const times = { startedAt: startedAt.toISOString(), failedAt: at.toISOString() }
  const note = { format: formatName, id, type, ...times, claim, cancelled, code, operation, message }
  await storeNote(driver, fileKey(directory, failedFile), note, { ...call, kind: 'note' })
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
