import type { Run } from '../backup/backup-run.js'
import { checkParentStays } from '../backup/parent/with-parent.js'
import type { Link } from '../chain/read-index.js'
import { isBackupError } from '../errors.js'
import { decisionFile, fileKey, manifestFile, planFile } from '../format/layout.js'
import { isListed } from '../inventory/is-listed.js'
import { readManifestEntry } from '../inventory/manifest-entry.js'
import { checkNotSwept } from '../inventory/started.js'
import { decide } from './decision.js'
import { discard, inTime } from './discard.js'
import type { OpenedPlan } from './open-plan.js'
import type { OwnManifest } from './own-manifest.js'

/** A commit that failed. */
interface FailedCommit {
  readonly own: OwnManifest
  readonly chain: readonly Link[] | undefined
  readonly failure: unknown
}

/**
 * Rolls back a failed commit: the manifest first, without which the rest is not a backup and can be committed again.
 * Only a manifest that is proven to be this commit's is removed. That of another coordinator stays, whatever made this
 * commit fail, and so does one that cannot be told from it: one that cannot be read, or is not there yet.
 *
 * Returns if the manifest that is stored now counts. Otherwise throws the reason of the failure.
 */
export async function takeBack({ run }: OpenedPlan, { own, chain, failure }: FailedCommit): Promise<void> {
  const { directory, keys } = run
  const manifest = fileKey(directory, manifestFile)
  if (keys.includes(manifest)) keys.splice(keys.indexOf(manifest), 1)
  const fate = own.fate()
  try {
    if (fate === 'taken' && !(await isAnothers(run, own))) await withdraw(run, own)
    if (fate !== 'unknown') return await discard(run)
    if (!(await own.isStored(inTime()))) return leave(run, failure)
  } catch (error) {
    leave({ ...run, keys: [...keys, manifest] }, error)
    throw failure
  }
  // Only the answer was lost. The checks that follow a stored manifest are still due.
  await checkStands(run, chain).catch(async (error: unknown) => {
    if (!isBackupError(error, 'conflict')) throw failure
    const isWithdrawn = await withdraw(run, own)
    await discard(run)
    if (isWithdrawn) throw run.call.signal.aborted ? failure : error
  })
}

/** Removes the manifest, unless another coordinator has found it and reported success. Returns whether it is removed. */
async function withdraw(run: Run, own: OwnManifest): Promise<boolean> {
  const { driver, directory } = run
  const manifest = own.digest()
  const decided = await decide(run, { manifest, decision: 'withdrawn' }, inTime())
  if (decided === 'kept') return false
  await driver.delete(fileKey(directory, manifestFile), inTime())
  // While there is a plan, an abort or a sweep removes the decision with it. Without a plan nobody else does.
  if (!(await isListed(driver, fileKey(directory, planFile), inTime())))
    await driver.delete(fileKey(directory, decisionFile(manifest)), inTime())
  return true
}

/** Whether another process has made the backup again since the storage accepted the manifest. */
async function isAnothers({ driver, directory }: Run, own: OwnManifest): Promise<boolean> {
  if (await own.isStored(inTime())) return false
  const object = { key: fileKey(directory, manifestFile), bytes: 0 }
  const entry = await readManifestEntry({ driver, directory, object }, inTime()).catch((error: unknown) => {
    if (isBackupError(error, 'not_found')) return undefined
    throw error
  })
  // A damaged manifest is ours: the storage accepted ours first, and nobody overwrites it.
  return entry === undefined || !('problem' in entry)
}

/** Throws `conflict` if the plan was aborted, or the parent is gone. */
async function checkStands(run: Run, chain: readonly Link[] | undefined): Promise<void> {
  await checkNotSwept(run.driver, run, inTime())
  await checkParentStays(chain, { ...run, call: inTime() })
}

/** A manifest that the storage is still busy with may name what this commit has stored: that stays, and does no harm. */
function leave({ keys, id, onEvent }: Run, error: unknown): void {
  if (keys.length > 0) onEvent({ type: 'leftover', id, keys: [...keys], error })
}
