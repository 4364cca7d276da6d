import { BackupError, isBackupError } from '../errors.js'
import { timeOfId } from '../format/backup-id.js'
import { failedFile, fileKey } from '../format/layout.js'
import { noteStart, readStarted } from '../inventory/started.js'
import type { Call } from '../ports/driver.js'
import type { Run } from './backup-run.js'

/**
 * A directory of its own: ids end in chance or are chosen, and neither a chance repeated nor a choice may mix two
 * backups. All that may lie there is the note of an earlier attempt that failed. Of two that come at once, the
 * one whose note of the start the storage takes has it.
 */
export async function claimDirectory(run: Run): Promise<void> {
  const { driver, directory, call } = run
  const failure = fileKey(directory, failedFile)
  let failedBefore = false
  for await (const { key } of driver.list(`${directory}/`, { ...call, begins: hasNewId(run) })) {
    if (key !== failure) throw taken(run, `There is something at ${directory} already (${key})`, { key })
    failedBefore = true
  }
  try {
    await noteStart(run)
  } catch (error) {
    if (!isBackupError(error, 'conflict')) throw error
    // Nothing was written, and somebody else's note, there or just coming, is not to be taken back.
    run.keys.length = 0
    // A file in the place of a directory is a conflict, too. If what there is cannot be read, this error says most.
    if (!(await claimedByAnother(run, call).catch(() => false))) throw error
    throw taken(run, `Another backup '${run.id}' was begun at ${directory} at the same time`, {}, error)
  }
  if (failedBefore) await driver.delete(failure, call)
}

/** An id that was made a moment ago. One that was chosen, or is used again, may have something somewhere. */
function hasNewId({ id, startedAt }: Run): boolean {
  return Math.abs(startedAt.getTime() - (timeOfId(id) ?? Number.NaN)) < aMoment
}

/** Between making an id and the start of its backup, in ms. */
const aMoment = 60 * 1000

/** Whether the directory belongs to another run, as far as the storage tells. */
export async function claimedByAnother({ driver, directory, claim }: Run, call: Call): Promise<boolean> {
  const note = await readStarted(driver, directory, call)
  return note !== undefined && note.claim !== claim
}

function taken({ id }: Run, message: string, metadata: object, cause?: unknown): BackupError {
  return new BackupError('conflict', message, {
    suggestion: 'Run the backup again under another id; left out, it gets one of its own.',
    metadata: { backupId: id, ...metadata },
    cause,
  })
}
