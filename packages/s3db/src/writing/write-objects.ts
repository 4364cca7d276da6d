import type { Batch, Call, WriteReport } from '@s3db-backup/core'
import { ordered } from '@s3db-backup/core/internal'
import * as z from 'zod'
import { createObject } from '../client/create-object.js'
import type { OnRefusal } from '../client/in-flight.js'
import { readObject, writeObject } from '../client/objects.js'
import { type KeySet, keySet } from '../listing/key-set.js'
import { internalKeys, isSequenceValue, type KeyMapping } from '../listing/keys.js'
import { listKeys } from '../listing/listing.js'
import { isPassedBy, isTransient } from '../listing/transient.js'
import type { StoredObject } from '../stored-form/index.js'
import { fromRaw } from '../stored-form/stored-object.js'
import { foundNotListed } from './check-listed.js'
import { type Outcome, orFailed, startReport } from './outcomes.js'
import type { WriteContext } from './write-context.js'

/** Writes the objects of an internal resource: counters, history, data of plugins. Nothing is ever removed. */
export async function writeObjects(
  context: WriteContext,
  name: string,
  batches: AsyncIterable<Batch>,
  call: Call,
): Promise<WriteReport> {
  const mapping = internalKeys(name, context.rename)
  const existing = await keysBelow(context, mapping, call)
  const report = startReport()
  const confirmed: string[] = []
  const found: string[] = []

  const write = async (key: string, batch: Batch): Promise<Outcome> => {
    if (isPassedBy(key)) return 'skipped'
    const raw = batch.raw?.get(key)
    const target = isSafe(key) ? mapping.toTarget(key) : undefined
    if (target === undefined) return { id: key, reason: `it does not belong to ${name}` }
    if (raw === undefined) return { id: key, reason: 'the backup has no raw form of it' }
    const object = fromRaw(raw, key)
    if (!existing.has(target)) {
      if (context.dryRun) return 'restored'
      const creating = (refused: OnRefusal) => createObject(context.client, target, object, call, refused)
      if ((await context.writes.run(creating, call)) === 'created') {
        confirmed.push(target)
        return 'restored'
      }
      found.push(target)
    }
    if (await keeps(context, target, object, call)) return 'skipped'
    if (!context.dryRun) {
      const storing = (refused: OnRefusal) => writeObject(context.client, target, object, call, refused)
      await context.writes.run(storing, call)
    }
    return 'replaced'
  }

  for await (const batch of batches) {
    const keys = batch.rows.map(({ id }) => id)
    const work = (key: string) => orFailed(key, () => write(key, batch))
    for await (const outcome of ordered(keys, context.writesInFlight, work)) report.add(outcome)
  }
  if (confirmed.length + found.length > 0) {
    const listed = await keysBelow(context, mapping, call)
    for (const key of confirmed) if (!listed.has(key)) report.misses(notListed, key)
    for (const key of found) if (!listed.has(key)) report.misses(foundNotListed, key)
  }
  return report.result()
}

const notListed =
  'the storage confirmed it and does not list it: it did not keep it, or somebody has deleted it since'

async function keysBelow({ client }: WriteContext, mapping: KeyMapping, call: Call): Promise<KeySet> {
  const found = keySet()
  for (const prefix of mapping.targetPrefixes) {
    for await (const keys of listKeys(client, prefix, call)) for (const key of keys) found.add(key)
  }
  return found
}

/**
 * Whether an object that is there stays. A counter never goes back, whatever the mode: the ids that it gave
 * out since would be given out again. Anything else follows the mode.
 */
async function keeps(
  { client, mode }: WriteContext,
  key: string,
  object: StoredObject,
  call: Call,
): Promise<boolean> {
  if (!isSequenceValue(key)) return mode === 'skip'
  const there = await readObject(client, key, call)
  return there !== undefined && counterOf(there) >= counterOf(object)
}

const counter = z.looseObject({ value: z.number() })

function counterOf({ body }: StoredObject): number {
  try {
    const parsed = counter.safeParse(JSON.parse(Buffer.from(body).toString('utf8')))
    return parsed.success ? parsed.data.value : Number.NEGATIVE_INFINITY
  } catch {
    // An unreadable counter counts as lower than any readable one.
    return Number.NEGATIVE_INFINITY
  }
}

/** A key from a backup is not trusted: it must lead nowhere else. */
function isSafe(key: string): boolean {
  if (isTransient(key) || /[\\\0]/.test(key)) return false
  return !key.split('/').some((segment) => segment === '..' || segment === '.')
}
