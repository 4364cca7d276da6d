import { readChain } from '../chain/read-chain.js'
import { BackupError } from '../errors.js'
import { filterBatch } from '../filter-batch.js'
import type { OnEvent } from '../ports/events.js'
import type { Batch, ResourceInfo, Row } from '../ports/source.js'
import type { RestorePlan, WriteReport } from '../ports/target.js'
import { untilCleanedUp } from '../streams/abortable.js'
import { hiddenForms, withHidden } from './hidden-forms.js'
import type { ReadPlan } from './plan-restore.js'
import type { CheckedRestore } from './restore-options.js'
import { refuseSource, transformBatch } from './transform-rows.js'
import type { WantedIds } from './wanted-ids.js'

/** How long a target may take after an abort to end what it is doing, in ms. */
const targetGrace = 1000

/** A restore under way. */
export interface Restoring {
  readonly options: CheckedRestore
  readonly wanted: WantedIds | undefined
  readonly onEvent: OnEvent
}

/** Hands the records of each resource to the target, one resource after the other; what it says of each. */
export async function writeRecords(plan: ReadPlan, restoring: Restoring): Promise<Map<string, WriteReport>> {
  const { options, onEvent } = restoring
  const { target, mode, dryRun, rename, id } = options
  const call = { signal: options.signal }
  const { resources, internal, unreadable } = plan
  const patiently = <T>(work: () => Promise<T>) => untilCleanedUp(work, call.signal, targetGrace)
  const opened = { resources, internal, unreadable, mode, dryRun, rename, ...transforming(plan, options) }
  await patiently(() => target.open(opened, call))
  const reports = new Map<string, WriteReport>()
  for (const info of [...resources, ...internal]) {
    const records = watchEnd(recordsOf(info, plan, restoring), info.name)
    const report = await patiently(() => target.write(info.name, records.items, call))
    records.check()
    reports.set(info.name, report)
    if (resources.includes(info)) onEvent({ type: 'restore-resource', id, resource: info.name, report })
  }
  await patiently(async () => target.finish?.(call))
  return reports
}

function transforming(
  { chain }: ReadPlan,
  { transform, intoSource }: CheckedRestore,
): Pick<RestorePlan, 'transformed' | 'checkTarget'> {
  const manifest = chain.at(-1)?.manifest
  if (transform === undefined || manifest === undefined) return {}
  return {
    transformed: true,
    ...(intoSource ? {} : { checkTarget: (target) => refuseSource(manifest, target) }),
  }
}

/** Nothing is restored that the target did not even look at, whatever its report says. */
function watchEnd<T>(source: AsyncIterable<T>, resource: string) {
  let ended = false
  async function* read(): AsyncGenerator<T> {
    yield* source
    ended = true
  }
  return {
    items: read(),
    check() {
      if (ended) return
      throw new BackupError('internal', `The target did not read all records of ${resource}`)
    },
  }
}

/** The requested records of a resource; reports each batch once it was taken. */
async function* recordsOf(
  { name, of }: ResourceInfo,
  { chain, objects, ids, single }: ReadPlan,
  { options, wanted, onEvent }: Restoring,
): AsyncGenerator<Batch> {
  const { filter, transform, signal } = options
  const chosen = of === undefined && (wanted !== undefined || filter !== undefined)
  const isWanted = (row: Row) => wanted?.has(row.id) ?? true
  const keep = (row: Row) => isWanted(row) && (filter?.keep(row, name) ?? true)
  const unjudged = (row: Row) => isWanted(row) && !keep(row)
  const byId = ids !== undefined && of === undefined && single.canRead(name)
  const expected = byId ? undefined : chain.at(-1)?.manifest.resources[name]?.totalCount
  let [records, selected] = [0, 0]
  for await (const batch of byId ? single.read(name, ids) : readChain(chain, name)) {
    const kept = of !== undefined ? objects.choose(batch, { of }) : chosen ? filterBatch(batch, keep) : batch
    const given = chosen ? withHidden(kept, hiddenForms(batch, unjudged)) : kept
    if (chosen) for (const { id } of kept.rows) wanted?.found(id)
    yield transform === undefined || of !== undefined
      ? given
      : await transformBatch(given, { resource: name, transform, signal })
    records += batch.rows.length
    selected += kept.rows.length
    onEvent({ type: 'restore-progress', id: options.id, resource: name, records, selected, expected })
  }
}
