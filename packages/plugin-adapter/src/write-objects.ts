import { type Batch, type Call, ordered, type WriteReport } from '@s3db-backup/core'
import { internalPrefixes } from './internal.js'
import { isTransient } from './keys.js'
import { listObjects, writeObject } from './objects.js'
import { fromRaw } from './raw-object.js'
import { orFailed, type WriteContext } from './write-records.js'
import { type Outcome, startReport } from './write-report.js'

/** Writes the objects of an internal resource: counters, history, data of plugins. Nothing is ever removed. */
export async function writeObjects(
  context: WriteContext,
  name: string,
  batches: AsyncIterable<Batch>,
  call: Call,
): Promise<WriteReport> {
  const prefixes = internalPrefixes(name) ?? []
  const existing = await keysBelow(context, prefixes, call)
  const report = startReport()

  const write = async (key: string, batch: Batch): Promise<Outcome> => {
    const raw = batch.raw?.get(key)
    if (!isSafeKey(key, prefixes)) return { id: key, reason: `it does not belong to ${name}` }
    if (raw === undefined) return { id: key, reason: 'the backup has no raw form of it' }
    const exists = existing.has(key)
    if (exists && context.mode === 'skip') return 'skipped'
    if (!context.dryRun) await writeObject(context.client, key, fromRaw(raw, key), call)
    return exists ? 'replaced' : 'restored'
  }

  for await (const batch of batches) {
    const keys = batch.rows.map(({ id }) => id)
    for await (const outcome of ordered(keys, context.writesInFlight, (key) =>
      orFailed(key, () => write(key, batch)),
    ))
      report.add(outcome)
  }
  return report.result()
}

async function keysBelow(
  { client }: WriteContext,
  prefixes: readonly string[],
  call: Call,
): Promise<Set<string>> {
  const keys = new Set<string>()
  for (const prefix of prefixes)
    for await (const objects of listObjects(client, prefix, call))
      for (const { key } of objects) keys.add(key)
  return keys
}

/** A key from a backup is not trusted: it must lie below one of the prefixes and lead nowhere else. */
function isSafeKey(key: string, prefixes: readonly string[]): boolean {
  const inside = prefixes.some((prefix) => key.startsWith(prefix))
  return (
    inside &&
    !isTransient(key) &&
    !key.split('/').some((segment) => segment === '..' || segment === '.') &&
    !/[\\\0]/.test(key)
  )
}
