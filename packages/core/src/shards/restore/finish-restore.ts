import { readChain } from '../../chain/read-chain.js'
import { BackupError, during } from '../../errors.js'
import { leasePrefix } from '../../format/layout.js'
import { keepingChain } from '../../leases/keep-chain.js'
import type { OnEvent } from '../../ports/events.js'
import type { Batch, ResourceInfo } from '../../ports/source.js'
import type { Target, WriteReport } from '../../ports/target.js'
import { refuseFailures } from '../../restore/refuse-failures.js'
import type { RestoreResult } from '../../restore/restore-result.js'
import { ordered } from '../../streams/ordered.js'
import {
  type JoinedRestore,
  type JoinRestoreOptions,
  joinRestore,
  joinSchema,
  parseJoin,
} from './join-restore.js'
import { mergeReports } from './merge-reports.js'
import { readWritten } from './restore-shard.js'

/** Reports that are read at once. */
const readsInFlight = 8

/**
 * Finishes a restore whose shards are all written: writes counters, history and data of plugins, lets the target
 * finish, and returns one report of everything. The stored notes of the restore are removed.
 *
 * @throws BackupError `conflict`, `retriable`, if shards are missing; `incomplete` as `restore` does.
 */
export async function finishRestore(options: JoinRestoreOptions): Promise<RestoreResult> {
  const given = parseJoin(joinSchema, options)
  try {
    const joined = await joinRestore(given)
    const reports = await readAll(joined)
    const { plan, stored } = joined
    await keepingChain(plan.chain, { name: 'restore', operation: 'restore' }, async () => {
      for (const info of plan.internal) reports.set(info.name, await writeObjects(info, joined, given.target))
      await given.target.finish?.(joined.call)
    })
    await clearAway(joined, given.onEvent)
    const names = plan.resources.map(({ name }) => name)
    const result: RestoreResult = {
      id: stored.backupId,
      chain: plan.chain.map(({ manifest }) => manifest.id),
      resources: Object.fromEntries([...reports].filter(([name]) => names.includes(name))),
      internal: Object.fromEntries([...reports].filter(([name]) => !names.includes(name))),
      notFound: [],
      duration: Math.max(0, Date.now() - Date.parse(stored.startedAt)),
    }
    refuseFailures(result, reports)
    given.onEvent?.({ type: 'restore-complete', id: stored.backupId })
    return result
  } catch (error) {
    throw during('restore', error)
  }
}

async function readAll(joined: JoinedRestore): Promise<Map<string, WriteReport>> {
  const { stored, place } = joined
  const found = new Map<string, WriteReport[]>()
  for (const [name, report] of Object.entries(stored.opened)) found.set(name, [report])
  const lacking: number[] = []
  const read = async (index: number) => ({ index, written: await readWritten(joined, index) })
  for await (const { index, written } of ordered(stored.shards.keys(), readsInFlight, read)) {
    if (written === undefined) lacking.push(index)
    else
      for (const [at, { resource }] of (stored.shards[index] ?? []).entries()) {
        const report = written.reports[at]
        if (report !== undefined) found.get(resource)?.push(report)
      }
  }
  if (lacking.length > 0) throw lacks(place.id, lacking, stored.shards.length)
  return new Map([...found].map(([name, reports]) => [name, mergeReports(reports)]))
}

function writeObjects(
  { name, of }: ResourceInfo,
  { plan, call }: JoinedRestore,
  target: Target,
): Promise<WriteReport> {
  async function* batches(): AsyncGenerator<Batch> {
    for await (const batch of readChain(plan.chain, name)) yield plan.objects.choose(batch, { of })
  }
  return target.write(name, batches(), call)
}

/** The restore is done. Notes that cannot be removed do no harm, are reported by an event, and are swept later. */
async function clearAway(
  { place, stored, call }: JoinedRestore,
  onEvent: OnEvent = () => undefined,
): Promise<void> {
  const left: string[] = []
  try {
    for await (const { key } of place.driver.list(`${place.directory}/${place.id}.`, call)) left.push(key)
    if (stored.lease?.startsWith(leasePrefix)) left.unshift(stored.lease)
    // The plan is removed last, so that an interrupted clean-up can be finished.
    for (const key of left.toSorted()) {
      await place.driver.delete(key, call)
      left.splice(left.indexOf(key), 1)
    }
  } catch (error) {
    call.signal.throwIfAborted()
    onEvent({ type: 'leftover', id: stored.backupId, keys: left, error })
  }
}

function lacks(restore: string, lacking: readonly number[], count: number): BackupError {
  const some = lacking.slice(0, 10).join(', ')
  const more = lacking.length > 10 ? ` and ${lacking.length - 10} more` : ''
  return new BackupError(
    'conflict',
    `The restore '${restore}' lacks ${lacking.length} of ${count} shards: ${some}${more}`,
    {
      retriable: true,
      suggestion: 'Run these shards, then finish again.',
      metadata: { lacking: lacking.slice(0, 1000) },
    },
  )
}
