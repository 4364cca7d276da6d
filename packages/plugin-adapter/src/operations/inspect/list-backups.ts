import { type CatalogEntry, isBackupError } from '@s3db-backup/core'
import { catalogOf, type Inventory, inventory, ordered, parseOptions } from '@s3db-backup/core/internal'
import type { Storage } from '../../context/plugin-context.js'
import { type ListCall, listCallSchema } from '../../options/call-options.js'
import { describeDamaged, describeListed, type ListedBackup, type ListedEntry } from '../results.js'
import { missingAncestor } from './missing-ancestor.js'
import { type Look, readable } from './readable.js'

/** `plugin.listBackups(options)`: what the destination has, newest first, damaged ones last. Needs no database. */
export async function listBackups(
  storage: Storage,
  options: ListCall,
  known?: Inventory | undefined,
): Promise<ListedBackup[]> {
  const call = parseOptions(listCallSchema, options, { what: 'options of listBackups()', operation: 'list' })
  const { prefix = '', startDate, endDate, limit, signal } = call
  const { destination } = storage
  const { driver, manifests: cache } = destination
  const here = known ?? (await inventory(driver, { signal, cache }))
  // A damaged manifest has no time, so it is left out if a date filter is given.
  const timeless = startDate === undefined && endDate === undefined
  const { backups, damaged } = await catalogOf(here).list({
    prefix,
    limit: timeless ? limit : undefined,
    deniedToo: true,
    signal,
  })
  const from = startDate === undefined ? Number.NEGATIVE_INFINITY : new Date(startDate).getTime()
  const to = endDate === undefined ? Number.POSITIVE_INFINITY : endOf(endDate)
  const wanted = backups.filter(({ manifest }) => {
    const time = Date.parse(manifest.exportedAt)
    return time >= from && time <= to
  })
  // Only the chains of the backups that were read are followed; of the others it is known that they exist.
  const parents = new Map(backups.map(({ id, manifest }) => [id, manifest.parent]))
  const lacking = missingAncestor(here, (id) => parents.get(id))
  const open = async (entry: CatalogEntry): Promise<ListedBackup> => {
    const opened = await orClosed(entry, storage, { inventory: here, signal })
    return { ...describeListed(opened, destination), ...(await lacking(entry)), error: null }
  }
  const listed: ListedBackup[] = []
  for await (const backup of ordered(wanted.slice(0, limit), opensInFlight, open)) listed.push(backup)
  // Whatever is asked for, a backup that may not be read may be it.
  const denied = damaged.filter(({ problem }) => isBackupError(problem, 'permission_denied'))
  const others = timeless ? damaged.filter((entry) => !denied.includes(entry)) : []
  listed.push(...others.map((entry) => describeDamaged(entry, destination)))
  return [...listed.slice(0, limit), ...denied.map((entry) => describeDamaged(entry, destination))]
}

/** Backups that are opened at once. */
const opensInFlight = 4

/** With the encrypted facts, if the plugin has the key. A list continues if a backup cannot be opened. */
async function orClosed(
  entry: CatalogEntry,
  storage: Storage,
  look: Look,
): Promise<CatalogEntry & ListedEntry> {
  try {
    return { ...entry, ...(await readable(entry, storage, look)) }
  } catch (error) {
    look.signal?.throwIfAborted()
    if (isBackupError(error)) return { ...entry, closed: true }
    throw error
  }
}

/** A date without a time means the whole day, UTC. */
function endOf(date: Date | string): number {
  const wholeDay = typeof date === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(date)
  return new Date(date).getTime() + (wholeDay ? 24 * 60 * 60 * 1000 - 1 : 0)
}
