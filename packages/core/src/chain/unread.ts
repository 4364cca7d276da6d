import { BackupError } from '../errors.js'
import { hasLosses, howManyLost, unreadableOf } from '../format/manifest/stated-losses.js'
import { entryOf } from '../manifest.js'
import type { UnreadableRecords } from '../ports/target.js'
import { newestOf } from './newest-of.js'
import type { Link } from './read-index.js'

/** How a record of one state differs from that of another. */
type Change = 'added' | 'changed' | 'removed'

/** The records of a resource of which a backup tells nothing: they could not be read when it was made. */
export function unreadIn(chain: readonly Link[], resource: string): UnreadableRecords {
  const entry = entryOf(newestOf(chain).manifest, resource)
  return entry === undefined ? { ids: new Set(), others: false } : unreadableOf(entry)
}

/**
 * Whether a difference between two states is one: a record that one of them could not read is neither added nor removed,
 * and one that is named by neither may be among those that have no name.
 */
export function comparable(
  before: UnreadableRecords,
  after: UnreadableRecords,
): (id: string, change: Change) => boolean {
  return (id, change) => {
    if (before.ids.has(id) || after.ids.has(id)) return false
    if (change === 'added') return !before.others
    return change === 'changed' || !after.others
  }
}

/** Throws `incomplete` if one of the chains lacks records of these resources. */
export function refuseUnknown(chains: readonly (readonly Link[])[], resources: readonly string[]): void {
  const lacking = chains.flatMap((chain) => {
    const { manifest } = newestOf(chain)
    const entries = resources.flatMap((name) => entryOf(manifest, name) ?? []).filter(hasLosses)
    return entries.length === 0 ? [] : [{ id: manifest.id, many: howManyLost(entries) }]
  })
  if (lacking.length === 0) return
  const which = lacking.map(({ id, many }) => `'${id}' lacks ${many}`)
  throw new BackupError(
    'incomplete',
    `${which.join(' and ')} that could not be read when it was made: whether these differ is unknown`,
    {
      operation: 'status',
      suggestion: 'Compare with a complete backup; list shows which ones are.',
      metadata: { backupIds: lacking.map(({ id }) => id) },
    },
  )
}
