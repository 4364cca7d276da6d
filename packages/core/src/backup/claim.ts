import { BackupError, isBackupError } from '../errors.js'
import { timeOfId } from '../format/backup-id.js'
import { failedFile, fileKey, startedFile } from '../format/layout.js'
import type { Attempt } from '../inventory/attempt.js'
import { noteStart, readStarted } from '../inventory/started.js'
import type { Call, Driver } from '../ports/driver.js'
import type { Control, Destination } from './backup-run.js'

/**
 * Claims the backup's directory. An id may be chosen or collide; either way two backups must never share a folder. Only
 * the note of an earlier failed attempt may be there. Of two simultaneous attempts, the one whose start note the
 * storage accepts gets the directory.
 */
export async function claimDirectory(run: Attempt & Destination & Control): Promise<void> {
  const { driver, directory, keys, call } = run
  const failure = fileKey(directory, failedFile)
  let failedBefore = false
  for await (const { key } of driver.list(`${directory}/`, { ...call, begins: hasNewId(run) })) {
    if (key !== failure) throw taken(run, `${directory} is not empty (${key})`, { key })
    failedBefore = true
  }
  try {
    keys.push(fileKey(directory, startedFile))
    await noteStart(driver, run, call)
  } catch (error) {
    if (!isBackupError(error, 'conflict')) throw error
    // Nothing was written. Another process's note, stored or about to be, must not be removed by the rollback.
    keys.length = 0
    // A file where the directory should be is a conflict, too. If the destination cannot be read, this error says
    // most.
    if (!(await claimedByAnother(driver, run, call).catch(() => false))) throw error
    throw taken(run, `Another backup '${run.id}' was started at ${directory} at the same time`, {}, error)
  }
  if (failedBefore) await driver.delete(failure, call)
}

/** An id that was made a moment ago. One that was chosen, or is used again, may have something somewhere. */
function hasNewId({ id, startedAt }: Attempt): boolean {
  return Math.abs(startedAt.getTime() - (timeOfId(id) ?? Number.NaN)) < aMoment
}

/** Between making an id and the start of its backup, in ms. */
const aMoment = 60 * 1000

/** Whether the directory belongs to another attempt, as far as the storage tells. */
export async function claimedByAnother(
  driver: Driver,
  { directory, claim }: Attempt,
  call: Call,
): Promise<boolean> {
  const note = await readStarted(driver, directory, call)
  return note !== undefined && note.claim !== claim
}

function taken({ id }: Attempt, message: string, metadata: object, cause?: unknown): BackupError {
  return new BackupError('conflict', message, {
    suggestion: 'Run the backup again under another id, or without an id: it then gets a unique one.',
    metadata: { backupId: id, ...metadata },
    cause,
  })
}
