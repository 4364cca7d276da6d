import { chainSource } from '../chain/chain-source.js'
import { checkWhole } from '../chain/check-chain.js'
import { openChain } from '../chain/open-chain.js'
import { BackupError } from '../errors.js'
import { keepingChain } from '../leases/keep-chain.js'
import type { Source } from '../ports/source.js'
import { backup } from './backup.js'
import type { BackupOptions } from './backup-options.js'
import type { BackupResult } from './store-manifest.js'

/** What to merge; the other options are those of a backup. */
export interface ConsolidateOptions
  extends Pick<
    BackupOptions,
    'driver' | 'codecs' | 'encryption' | 'verify' | 'folder' | 'signal' | 'onEvent'
  > {
  /** The last backup of the chain. */
  readonly id: string
  /** Take a chain that is not encrypted although `encryption` is given: the result is encrypted. */
  readonly allowPlain?: boolean | undefined
}

/**
 * Merges a chain into a new full backup, from the destination alone: the database is not used. The new backup has the
 * records, key index and state that a full backup at the time of `id` would have had, has that time, and can be the
 * parent of the next incremental one. The chain itself stays unchanged. It is checked before, as `verify` does it: a
 * new backup never hides what is wrong with the old ones.
 *
 * @throws BackupError `not_found`, `broken_chain`, `corrupt`, `incomplete` (the last backup lacks records), and
 * what {@link backup} throws. On failure and abort nothing new remains.
 */
export async function consolidate(options: ConsolidateOptions): Promise<BackupResult> {
  const { id, allowPlain, signal = new AbortController().signal, ...rest } = options
  const chain = await openChain({ ...rest, id, allowPlain, operation: 'backup', signal })
  const newest = chain.at(-1)
  if (newest === undefined || newest.manifest.status !== 'completed') {
    throw new BackupError(
      'incomplete',
      `Backup '${id}' lacks records, so it cannot be made into a full one`,
      {
        metadata: { backupId: id },
      },
    )
  }
  const { metadata } = newest.manifest
  const merged = chainSource(chain, newest)
  const source: Source = {
    ...merged,
    async describe(call) {
      await checkWhole(chain)
      return merged.describe(call)
    },
  }
  return keepingChain(chain, { name: 'consolidation', operation: 'backup' }, () =>
    backup({ ...rest, source, metadata, signal }),
  )
}
