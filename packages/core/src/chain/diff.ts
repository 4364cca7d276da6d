import { select } from '../select.js'
import { checkManifests } from './check-chain.js'
import { comparableStates } from './comparable-states.js'
import { pairs } from './merge-sorted.js'
import { openChain } from './open-chain.js'
import type { Link } from './read-index.js'
import type { ReadOptions } from './read-options.js'

export interface DiffOptions extends ReadOptions {
  /** The id of the earlier backup. */
  readonly from: string
  /** The id of the later backup. */
  readonly to: string
  /** Only these resources (globs allowed); all that either backup has if left out. */
  readonly resources?: readonly string[] | undefined
  readonly exclude?: readonly string[] | undefined
}

/** A record that differs between two backups. */
export interface Difference {
  readonly resource: string
  readonly id: string
  readonly change: 'added' | 'changed' | 'removed'
}

/**
 * The records that were added, changed or removed between two backups, by resource and ascending id. If both backups
 * use the same hashes, only the key indexes are read; otherwise the records themselves. Memory stays constant, whatever
 * the size.
 *
 * The manifests are checked first. At the end of each resource the key indexes are checked against the states that the
 * manifests name; until then its differences are unproven. `verify` checks the records against the key indexes.
 *
 * @throws BackupError `not_found`, `broken_chain`, `corrupt`.
 */
export async function* diff(options: DiffOptions): AsyncGenerator<Difference> {
  const { driver, codecs, encryption, allowPlain, signal = new AbortController().signal } = options
  const open = (id: string) =>
    openChain({ driver, id, codecs, encryption, allowPlain, operation: 'status', signal })
  const [before, after] = [await open(options.from), await open(options.to)]
  const names = select([...new Set([...resourcesIn(before), ...resourcesIn(after)])], options)
  for (const chain of [before, after]) checkManifests(chain, names)
  for (const resource of names) {
    const states = await comparableStates(before, after, resource)
    for await (const { id, before: old, after: now } of pairs(...states)) {
      if (old === undefined) yield { resource, id, change: 'added' }
      else if (now === undefined) yield { resource, id, change: 'removed' }
      else if (old.hash !== now.hash) yield { resource, id, change: 'changed' }
    }
  }
}

function resourcesIn(chain: readonly Link[]): string[] {
  return Object.keys(chain.at(-1)?.manifest.resources ?? {})
}
