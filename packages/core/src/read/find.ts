import * as z from 'zod'
import { type ReadOptions, readOptions } from '../chain/read-options.js'
import { catalogOf } from '../inventory/catalog.js'
import { inventory } from '../inventory/inventory.js'
import type { CatalogEntry } from '../inventory/manifest-entry.js'
import { parseOptions } from '../options.js'
import { guard } from '../ports/guard.js'
import { select } from '../select.js'
import { type RecordVersion, recordHistory } from './history.js'
import { openOnce } from './open-once.js'

export interface FindOptions extends ReadOptions {
  /** The id of the record. */
  readonly id: string
  /** Only in these resources (globs allowed); all if left out. */
  readonly resources?: readonly string[] | undefined
}

/** A resource that has, or had, the record, and what became of it over the backups of a series. */
export interface FoundRecord {
  readonly resource: string
  /** The newest backup of the series. */
  readonly newest: string
  /** The oldest first. */
  readonly versions: readonly RecordVersion[]
}

/**
 * Looks for a record in every series of backups at a destination, in each resource of its newest backup. Reads only key
 * indexes, and a few kilobytes of large ones.
 *
 * @throws BackupError `invalid_options`, `undecryptable`, and errors of the storage. Unreadable backups are reported
 * among the versions.
 */
export async function* find(options: FindOptions): AsyncGenerator<FoundRecord> {
  const { id, resources, signal, ...given } = parseOptions(findSchema, options, {
    what: 'find options',
    operation: 'open',
  })
  const driver = guard(given.driver)
  const openLink = openOnce({ ...given, driver, operation: 'open', signal })
  const here = await inventory(driver, { signal })
  const { backups } = await catalogOf(here).list({ signal })
  for (const newest of newestOfSeries(backups)) {
    const { manifest } = await openLink(newest)
    const names = Object.keys(manifest.resources)
    for (const resource of resources === undefined ? names : select(names, { resources })) {
      const versions: FoundRecord['versions'][number][] = []
      const asked = { series: manifest.set, resource, id }
      for await (const version of recordHistory(here, asked, openLink, { signal })) versions.push(version)
      if (versions.some(({ change, error }) => change !== 'unreadable' || error?.code === 'incomplete'))
        yield { resource, newest: newest.id, versions }
    }
  }
}

function newestOfSeries(newestFirst: readonly CatalogEntry[]): CatalogEntry[] {
  const seen = new Set<string>()
  return newestFirst.filter(({ manifest }) => {
    if (seen.has(manifest.set)) return false
    seen.add(manifest.set)
    return true
  })
}

const findSchema = z.strictObject({
  ...readOptions,
  id: z.string(),
  resources: z.array(z.string()).readonly().optional(),
})
