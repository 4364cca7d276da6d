import * as z from 'zod'
import { readNote } from '../format/json-note.js'
import { restoresPrefix } from '../format/layout.js'
import { longestManifest } from '../format/manifest-file.js'
import type { Call, Driver } from '../ports/driver.js'

const planSchema = z.object({ startedAt: z.iso.datetime() })

/** Removes what restores in shards have stored of themselves that were begun long ago and never finished. */
export async function sweepRestores(
  driver: Driver,
  isOld: (time: string) => boolean,
  call: Call,
): Promise<void> {
  const keys = new Map<string, string[]>()
  for await (const { key } of driver.list(restoresPrefix, call)) {
    const restore = key.slice(0, key.indexOf('.', restoresPrefix.length) + 1)
    keys.set(restore, [...(keys.get(restore) ?? []), key])
  }
  for (const [restore, its] of keys) {
    const form = { schema: planSchema, longest: longestManifest }
    const plan = await readNote(driver, `${restore}plan.json`, form, { ...call, kind: 'report' })
    // Notes without a plan are left over from a restore that finished.
    if (plan !== undefined && !isOld(plan.startedAt)) continue
    // The plan is removed last, so that an interrupted sweep finds the rest again.
    for (const key of its.sort()) await driver.delete(key, call)
  }
}
