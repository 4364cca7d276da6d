import { firstGone } from '../chain/first-gone.js'
import type { Link } from '../chain/read-index.js'
import type { Operation } from '../error-table.js'
import { BackupError, isBackupError } from '../errors.js'
import { guard } from '../ports/guard.js'
import { firstGoneAfterRemovals } from './first-gone-after-removals.js'
import { withLeaseIfPossible } from './with-lease.js'

/** Who reads a chain. */
export interface Reader {
  /** Shown to a process that wants to remove it: `restore`, `consolidation`. */
  readonly name: string
  /** For errors. */
  readonly operation: Operation
}

/**
 * Does the work, which reads a chain, while a lease keeps others from removing it; without a lease where the
 * destination may only be read. A removal that has begun is waited for, up to 90 seconds: it may not have seen the
 * lease. Throws `not_found` if a backup of the chain is gone before the lease is there, or
 * vanishes in spite of it and the work cannot read it any more.
 */
export async function keepingChain<T>(
  chain: readonly Link[],
  { name, operation }: Reader,
  work: () => Promise<T>,
): Promise<T> {
  const context = chain[0]?.context
  if (context === undefined) return work()
  const driver = guard(context.driver)
  const timed = { signal: context.signal, now: () => new Date() }
  const backups = chain.map(({ manifest }) => manifest.id)
  return withLeaseIfPossible(driver, { kind: 'use', operation: name, backups }, timed, async () => {
    const gone = await firstGoneAfterRemovals(driver, chain, timed)
    if (gone !== undefined) throw removed(gone, operation)
    try {
      return await work()
    } catch (error) {
      if (!isBackupError(error, 'not_found') && !isBackupError(error, 'corrupt')) throw error
      const goneSince = await firstGone(driver, chain, timed)
      throw goneSince === undefined ? error : removed(goneSince, operation, error)
    }
  })
}

function removed(id: string, operation: Operation, cause?: unknown): BackupError {
  return new BackupError('not_found', `Backup '${id}' was removed while it was being read`, {
    operation,
    suggestion: 'If it was deleted with a grace time, undelete it; otherwise choose another backup.',
    metadata: { backupId: id },
    cause,
  })
}
