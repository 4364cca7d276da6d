import {
  consolidate,
  type Driver,
  diff,
  openCatalog,
  prune,
  type Row,
  remove,
  restore,
  type Target,
  verify,
} from '@s3db-backup/core'
import { salvage } from '@s3db-backup/core/internal'

/** What a restore brought, by resource. */
export type Records = Map<string, Row[]>

/** Keeps what is restored, and reads all of it. */
function shelf(records: Records): Target {
  return {
    open: async () => undefined,
    async write(resource, batches) {
      const rows: Row[] = []
      records.set(resource, rows)
      for await (const batch of batches) rows.push(...batch.rows)
      return { restored: rows.length, replaced: 0, skipped: 0, removed: 0, failed: [] }
    },
  }
}

export async function restored(driver: Driver, id: string): Promise<Records> {
  const records: Records = new Map()
  await restore({ driver, id, target: shelf(records) })
  return records
}

async function readAll(items: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of items);
}

/** Everything that core does with a backup, by name. What changes something comes last. */
export const surfaces: Readonly<
  Record<string, (driver: Driver, id: string, honest: string) => Promise<unknown>>
> = {
  list: (driver) => openCatalog(driver).list(),
  get: (driver, id) => openCatalog(driver).get(id),
  chain: (driver, id) => openCatalog(driver).chain(id),
  'verify quickly': (driver, id) => verify({ driver, id, level: 'quick' }),
  'verify what is stored': (driver, id) => verify({ driver, id, level: 'stored' }),
  verify: (driver, id) => verify({ driver, id }),
  salvage: (driver, id) => readAll(salvage({ driver, id })),
  'diff with itself': (driver, id) => readAll(diff({ driver, from: id, to: id })),
  'diff with an honest one': (driver, id, honest) => readAll(diff({ driver, from: honest, to: id })),
  'restore without a look before': (driver, id) =>
    restore({ driver, id, target: shelf(new Map()), verify: false }),
  restore: restored,
  consolidate: (driver, id) => consolidate({ driver, id }),
  'prune, to look': (driver, id) =>
    prune({ driver, plan: () => ({ keep: [], remove: [{ id, reasons: ['a test'] }] }), dryRun: true }),
  remove: (driver, id) => remove({ driver, id, force: true }),
}
