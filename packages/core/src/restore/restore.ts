import { readChain } from '../chain/read-chain.js'
import { BackupError, during } from '../errors.js'
import { filterBatch } from '../filter-batch.js'
import { keepingChain } from '../leases/keep-chain.js'
import type { OnEvent } from '../ports/events.js'
import type { Batch, ResourceInfo, Row } from '../ports/source.js'
import type { RestorePlan, WriteReport } from '../ports/target.js'
import { untilCleanedUp } from '../streams/abortable.js'
import { checkPlan, planRestore, type ReadPlan } from './plan-restore.js'
import { canBeReadById, recordsById } from './records-by-id.js'
import { type CheckedRestore, parseRestoreOptions, type RestoreOptions } from './restore-options.js'
import { refuseSource, transformBatch } from './transform-rows.js'

/** How long a target may take after an abort to end what it is doing, in ms. */
const targetGrace = 1000

/** What a restore did. */
export interface RestoreResult {
  readonly id: string
  /** The backups that were read, the full one first. */
  readonly chain: readonly string[]
  /** By resource, under the backup's names. */
  readonly resources: Readonly<Record<string, WriteReport>>
  /** The same of the objects that are no records: data of plugins, counters, history. */
  readonly internal: Readonly<Record<string, WriteReport>>
  /** Of the ids that were asked for: those of which the backup, or what was chosen of it, has no record. */
  readonly notFound: readonly string[]
  /** How long it took, in ms. */
  readonly duration: number
}

/**
 * Brings a backup back into a target: a full one, or the state at the end of a chain, in one pass over all
 * its links.
 *
 * Before the target is touched, every part that will be needed is read and compared with its manifest
 * (`verify`, the default); while it is read again to be written, each block is checked once more before its
 * records are handed on. A damaged backup therefore never reaches the target.
 *
 * While it runs, a lease at the destination keeps other processes from removing what it reads. Where the
 * destination may only be read it goes on without one. A removal of it that has begun is waited for, up to 90 seconds.
 *
 * Records that the target refuses are collected, and so are `ids` that the backup does not have; the rest is restored,
 * and the call rejects with `incomplete` and the result in `metadata`. An interrupted restore can be run again; it finishes the work.
 *
 * @throws BackupError `invalid_options`, `not_found`, `corrupt`, `incompatible_format`, `broken_chain`,
 * `unsupported`, `undecryptable`, `conflict` (what the target has stands in the way), `incomplete`; on abort
 * `signal.reason`.
 */
export async function restore(options: RestoreOptions): Promise<RestoreResult> {
  try {
    return await restoreBackup(parseRestoreOptions(options))
  } catch (error) {
    throw during('restore', error)
  }
}

async function restoreBackup(options: CheckedRestore): Promise<RestoreResult> {
  const started = Date.now()
  const onEvent = options.onEvent ?? (() => undefined)
  const plan = await planRestore(options)
  const wanted = wantedIds(options)
  const reports = await keepingChain(plan.chain, { name: 'restore', operation: 'restore' }, async () => {
    if (options.verify) await checkPlan(plan)
    announce(plan, options.id, onEvent)
    return writeAll(plan, { options, wanted, onEvent })
  })
  const names = plan.resources.map(({ name }) => name)
  const result: RestoreResult = {
    id: options.id,
    chain: idsOf(plan),
    resources: Object.fromEntries([...reports].filter(([name]) => names.includes(name))),
    internal: Object.fromEntries([...reports].filter(([name]) => !names.includes(name))),
    notFound: wanted?.missing() ?? [],
    duration: Date.now() - started,
  }
  refuseFailures(result, reports)
  onEvent({ type: 'restore-complete', id: options.id })
  return result
}

/** A restore under way. */
interface Restoring {
  readonly options: CheckedRestore
  readonly wanted: WantedIds | undefined
  readonly onEvent: OnEvent
}

async function writeAll(plan: ReadPlan, restoring: Restoring): Promise<Map<string, WriteReport>> {
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

/** The records of a resource that were asked for, telling of each batch once it was taken. */
async function* recordsOf(
  { name, of }: ResourceInfo,
  { chain, objects, ids }: ReadPlan,
  { options, wanted, onEvent }: Restoring,
): AsyncGenerator<Batch> {
  const { filter, transform, signal } = options
  const chosen = of === undefined && (wanted !== undefined || filter !== undefined)
  const keep = (row: Row) => (wanted?.has(row.id) ?? true) && (filter?.keep(row, name) ?? true)
  const byId = ids !== undefined && of === undefined && canBeReadById(chain, name)
  const expected = byId ? undefined : chain.at(-1)?.manifest.resources[name]?.totalCount
  let [records, selected] = [0, 0]
  for await (const batch of byId ? recordsById(chain, name, ids) : readChain(chain, name)) {
    const kept = of !== undefined ? objects.choose(batch, { of }) : chosen ? filterBatch(batch, keep) : batch
    if (chosen) for (const { id } of kept.rows) wanted?.found(id)
    yield transform === undefined || of !== undefined
      ? kept
      : await transformBatch(kept, { resource: name, transform, signal })
    records += batch.rows.length
    selected += kept.rows.length
    onEvent({ type: 'restore-progress', id: options.id, resource: name, records, selected, expected })
  }
}

/** The ids that were asked for. */
interface WantedIds {
  has(id: string): boolean
  found(id: string): void
  missing(): string[]
}

function wantedIds({ ids }: CheckedRestore): WantedIds | undefined {
  if (ids === undefined) return undefined
  const wanted = new Set(ids)
  const found = new Set<string>()
  return {
    has: (id) => wanted.has(id),
    found: (id) => found.add(id),
    missing: () => [...wanted].filter((id) => !found.has(id)),
  }
}

function announce(plan: ReadPlan, id: string, onEvent: OnEvent): void {
  onEvent({
    type: 'restore-start',
    id,
    chain: idsOf(plan),
    resources: plan.resources.map(({ name }) => name),
  })
}

function idsOf({ chain }: ReadPlan): string[] {
  return chain.map(({ manifest }) => manifest.id)
}

/** Throws `incomplete` for what could not be restored. */
export function refuseFailures(result: RestoreResult, reports: ReadonlyMap<string, WriteReport>): void {
  const { id, notFound } = result
  const failed = Object.fromEntries(
    [...reports]
      .filter(([, report]) => report.failed.length > 0)
      .map(([name, report]) => [name, report.failed]),
  )
  const count = Object.values(failed).reduce((sum, records) => sum + records.length, 0)
  const refused = [...reports].flatMap(([name, report]) =>
    report.refused === undefined ? [] : [{ name, ...report.refused }],
  )
  const problems = [
    ...refused.map(
      ({ name, reason, records }) =>
        `The resource ${JSON.stringify(name)} with ${records} records could not be restored: ${reason}`,
    ),
    ...(count === 0 ? [] : [`${count} records of backup '${id}' could not be restored`]),
    ...(notFound.length === 0
      ? []
      : [`Backup '${id}' has no record ${listed(notFound)} among what was chosen`]),
  ]
  if (problems.length === 0) return
  throw new BackupError('incomplete', problems.join('; '), {
    operation: 'restore',
    suggestion: whatToDo({ failed: count > 0, refused: refused.length > 0 }),
    metadata: {
      backupId: id,
      failed,
      notFound,
      result,
      ...(refused.length === 0 ? {} : { refused }),
    },
  })
}

function whatToDo({ failed, refused }: { readonly failed: boolean; readonly refused: boolean }): string {
  const elsewhere = refused ? ['Restore what was refused into a database that can hold it.'] : []
  if (failed)
    return [
      'metadata.failed names each record and why. Mend the cause and run the restore again.',
      ...elsewhere,
    ].join(' ')
  return refused
    ? 'Everything else was restored. Restore these into a database that can hold them.'
    : 'Check the ids and the resources that were chosen. Everything else was restored.'
}

/** The first few ids, and how many more there are. */
function listed(ids: readonly string[]): string {
  const some = ids.slice(0, 5).map((id) => JSON.stringify(id))
  const more = ids.length - some.length
  return more === 0 ? some.join(', ') : `${some.join(', ')} and ${more} more`
}
