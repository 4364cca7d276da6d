import type { Link } from '../../chain/read-index.js'
import { BackupError, isBackupError } from '../../errors.js'
import type { Attempt } from '../../inventory/attempt.js'
import { firstGoneAfterRemovals } from '../../leases/first-gone-after-removals.js'
import { withLeaseIfPossible } from '../../leases/with-lease.js'
import type { Control, Destination, Run } from '../backup-run.js'
import { chooseParent } from './choose-parent.js'

/**
 * How often another parent is chosen because the previous one was removed meanwhile: chains are removed newest first.
 */
const attempts = 10

/** The same where an ancestor is missing. That may be so for good. */
const attemptsIfBroken = 3

/**
 * Does the work with the chain that an incremental backup continues, and without one for a full backup. While it
 * lasts, a lease keeps others from removing the chain.
 *
 * Throws what {@link chooseParent} throws (but for a broken chain where a full backup is allowed instead), and
 * `conflict` if one parent after the other is removed.
 */
export async function withParent<T>(
  run: Run,
  series: string,
  work: (chain: readonly Link[] | undefined) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const chain = await chooseParent(run, series).catch((error: unknown) => {
      if (attempt < attemptsAfter(error)) return 'vanished' as const
      // An ancestor was removed by force or is damaged, so nothing can build on the backups that need it.
      if (isBackupError(error, 'broken_chain') && run.incremental?.fullIfNeeded === true) return undefined
      const gone = notFound(error)
      throw gone === undefined ? error : removed(gone, run, error)
    })
    if (chain === 'vanished') continue
    if (chain === undefined) return work(undefined)
    const backups = chain.map(({ manifest }) => manifest.id)
    const purpose = { kind: 'use', operation: 'backup', backups } as const
    const timed = { ...run.call, now: run.now }
    const outcome = await withLeaseIfPossible(run.driver, purpose, timed, async () => {
      const gone = await firstGoneAfterRemovals(run.driver, chain, timed)
      return gone === undefined ? { result: await work(chain) } : { gone }
    })
    if ('result' in outcome) return outcome.result
    if (attempt >= attempts) throw removed(outcome.gone, run)
  }
}

/**
 * Does the work with a chain that was chosen before, while a lease keeps others from removing it. Throws `conflict`,
 * `retriable`, if it was removed since.
 */
export async function keepingParent<T>(
  run: Attempt & Destination & Control,
  chain: readonly Link[] | undefined,
  work: () => Promise<T>,
): Promise<T> {
  if (chain === undefined) return work()
  const backups = chain.map(({ manifest }) => manifest.id)
  const timed = { ...run.call, now: run.now }
  return withLeaseIfPossible(run.driver, { kind: 'use', operation: 'backup', backups }, timed, async () => {
    const gone = await firstGoneAfterRemovals(run.driver, chain, timed)
    if (gone !== undefined) throw removed(gone, run)
    return work()
  })
}

/**
 * Throws `conflict` if the parent was removed while the backup was made. Asked after the manifest was stored:
 * a process that removes the parent now sees the manifest, and leaves the parent.
 */
export async function checkParentStays(
  chain: readonly Link[] | undefined,
  run: Attempt & Destination & Control,
): Promise<void> {
  const timed = { ...run.call, now: run.now }
  const gone = await firstGoneAfterRemovals(run.driver, chain?.slice(-1) ?? [], timed)
  if (gone !== undefined) throw removed(gone, run)
}

function attemptsAfter(error: unknown): number {
  if (isBackupError(error, 'broken_chain')) return attemptsIfBroken
  return notFound(error) === undefined ? 1 : attempts
}

/** The id of a backup that was listed, and could not be found a moment later. */
function notFound(error: unknown): string | undefined {
  const id = isBackupError(error, 'not_found') ? error.metadata.backupId : undefined
  return typeof id === 'string' ? id : undefined
}

function removed(parent: string, { id }: Attempt, cause?: unknown): BackupError {
  return new BackupError(
    'conflict',
    `Backup '${parent}', which '${id}' builds on, was removed in the meantime`,
    {
      retriable: true,
      suggestion: 'Run the backup again; it builds on another one, or is a full one if that is allowed.',
      metadata: { backupId: id, parent },
      cause,
    },
  )
}
