import * as z from 'zod'
import { readNote } from '../format/json-note.js'
import { restoresPrefix } from '../format/layout.js'
import { longestManifest } from '../format/manifest/seal.js'
import type { IsAbandoned } from '../inventory/abandoned.js'
import type { Call, Driver } from '../ports/driver.js'

const planSchema = z.object({ backup: z.object({ id: z.string() }), startedAt: z.iso.datetime() })

/**
 * Removes what restores in shards have stored of themselves that were begun long ago and never finished. One whose backup
 * is in use may be going on: who writes a shard, or waits for one to be written, stores leases that name the backup.
 */
export async function sweepRestores(driver: Driver, isAbandoned: IsAbandoned, call: Call): Promise<void> {
  const keys = new Map<string, string[]>()
  for await (const { key } of driver.list(restoresPrefix, call)) {
    const restore = key.slice(0, key.indexOf('.', restoresPrefix.length) + 1)
    keys.set(restore, [...(keys.get(restore) ?? []), key])
  }
  for (const [restore, its] of keys) {
    const form = { schema: planSchema, longest: longestManifest }
    const plan = await readNote(driver, `${restore}plan.json`, form, { ...call, kind: 'report' })
    // Notes without a plan are left over from a restore that finished.
    if (plan !== undefined && !(await isAbandoned(plan.backup.id, plan.startedAt, call))) continue
    // The plan is removed last, so that an interrupted sweep finds the rest again.
    for (const key of its.sort()) await driver.delete(key, call)
  }
}
