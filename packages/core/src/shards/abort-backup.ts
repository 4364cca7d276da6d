import { removeBegun } from '../deletion/remove-directory.js'
import { BackupError } from '../errors.js'
import { fileKey, leasePrefix, startedFile } from '../format/layout.js'
import { noteFailure } from '../inventory/failure-note.js'
import { whileNotCopied } from '../leases/while-not-copied.js'
import { guard } from '../ports/guard.js'
import { findPlan, isCommitted } from './find-plan.js'
import { parseShard } from './open-plan.js'
import { type PlanReference, referenceSchema } from './shard-options.js'

/** What an abort removed. */
export interface AbortedBackup {
  readonly id: string
  /** Objects. */
  readonly files: number
  /** Bytes they took. */
  readonly bytes: number
}

/**
 * Gives up a planned backup: removes its plan, its receipts and every part that a worker has stored. Workers that are
 * still at it notice, fail and remove what they wrote. A note of the failure stays, as of any backup that was cancelled.
 *
 * @throws BackupError `not_found` for no plan, `conflict` for a backup that was committed, or, `retriable`, while a `sync`
 * copies a backup of the same id here.
 */
export async function abortBackup(options: PlanReference): Promise<AbortedBackup> {
  const { id, folder, signal } = parseShard(referenceSchema, options)
  const call = { signal: signal ?? new AbortController().signal }
  const driver = guard(options.driver)
  const found = await findPlan(driver, { id, folder }, call)
  if ('committed' in found) throw committed(id)
  const { directory, claim, type, lease } = found
  if (await isCommitted(driver, directory, call)) throw committed(id)
  const change = { id, kind: 'removal', operation: 'abort', refusal: 'The plan was not aborted' } as const
  const timed = { ...call, now: () => new Date() }
  const removed = await whileNotCopied(driver, change, timed, async (refuseCopying) => {
    await refuseCopying()
    // As in a sweep: a coordinator that commits at the same time finds the note gone, and takes its manifest back.
    await driver.delete(fileKey(directory, startedFile), call)
    if (await isCommitted(driver, directory, call)) throw committed(id)
    return removeBegun(driver, directory, call)
  })
  if (lease?.startsWith(leasePrefix)) await driver.delete(lease, call)
  const attempt = { id, claim, type, startedAt: new Date(found.startedAt), directory }
  await noteFailure(driver, attempt, { error: undefined, cancelled: true, at: new Date() }, call)
  return { id, ...removed }
}

function committed(id: string): BackupError {
  return new BackupError('conflict', `Backup '${id}' is committed, so its plan cannot be aborted`, {
    suggestion: 'If you do not want the backup, delete it.',
    metadata: { backupId: id },
  })
}
