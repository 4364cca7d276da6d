import { select } from '../select.js'
import { checkManifests } from './check-chain.js'
import { comparableStates } from './comparable-states.js'
import { pairs } from './merge-sorted.js'
import { openChain } from './open-chain.js'
import type { Link } from './read-index.js'
import type { ReadOptions } from './read-options.js'
import { comparable, refuseUnknown, unreadIn } from './unread.js'

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
 * @throws BackupError `not_found`, `broken_chain`, `corrupt`; `incomplete` at the end, if there are records that could not
 * be read when one of the backups was made: of these nothing is known, and they are no difference.
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
    const mayTell = comparable(unreadIn(before, resource), unreadIn(after, resource))
    for await (const { id, before: old, after: now } of pairs(...states)) {
      if (old !== undefined && old.hash === now?.hash) continue
      const change = old === undefined ? 'added' : now === undefined ? 'removed' : 'changed'
      if (mayTell(id, change)) yield { resource, id, change }
    }
  }
  refuseUnknown([before, after], names)
}

function resourcesIn(chain: readonly Link[]): string[] {
  return Object.keys(chain.at(-1)?.manifest.resources ?? {})
}
