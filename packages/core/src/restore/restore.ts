import { during } from '../errors.js'
import { keepingChain } from '../leases/keep-chain.js'
import type { OnEvent } from '../ports/events.js'
import type { WriteReport } from '../ports/target.js'
import { refuseNoObjects } from '../select-objects.js'
import { withLostIds } from './lost-ids.js'
import { checkPlan, planRestore, type ReadPlan } from './plan-restore.js'
import { refuseFailures } from './refuse-failures.js'
import { type CheckedRestore, parseRestoreOptions, type RestoreOptions } from './restore-options.js'
import type { RestoreResult } from './restore-result.js'
import { wantedIds } from './wanted-ids.js'
import { writeRecords } from './write-records.js'

/**
 * Restores a backup into a target: a full one, or the state at the end of a chain, in one pass over all its links.
 *
 * Before the target is touched, every part that will be needed is read and compared with its manifest
 * (`verify`, the default); while it is read again to be written, each block is checked once more before its
 * records are passed on. A damaged backup therefore never reaches the target.
 *
 * While it runs, a lease at the destination keeps other processes from removing what it reads. Where the
 * destination may only be read it goes on without one. A removal of it that has begun is waited for, up to 90 seconds.
 *
 * Records that the target refuses are collected, and so are `ids` that the backup does not have; the rest is restored,
 * and the call rejects with `incomplete` and the result in `metadata`. An interrupted restore can be run again; it
 * finishes the work.
 *
 * @throws BackupError `invalid_options`, `not_found`, `corrupt`, `incompatible_format`, `broken_chain`,
 * `unsupported`, `undecryptable`, `conflict` (the target already has something in the way), `incomplete`; on abort
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
  const written = await keepingChain(plan.chain, { name: 'restore', operation: 'restore' }, async () => {
    if (options.verify) await checkPlan(plan)
    announce(plan, options.id, onEvent)
    return writeRecords(plan, { options, wanted, onEvent })
  })
  const { reports, notFound } = withLostIds(written, plan, wanted?.missing() ?? [])
  const names = plan.resources.map(({ name }) => name)
  const result: RestoreResult = {
    id: options.id,
    chain: idsOf(plan),
    resources: Object.fromEntries([...reports].filter(([name]) => names.includes(name))),
    internal: Object.fromEntries([...reports].filter(([name]) => !names.includes(name))),
    notFound,
    duration: Date.now() - started,
  }
  refuseFailures(result, reports)
  refuseNoObjects(
    options,
    [...reports.values()].reduce((sum, report) => sum + met(report), 0),
  )
  onEvent({ type: 'restore-complete', id: options.id })
  return result
}

/** Records that the backup or the target had. */
function met({ restored, replaced, skipped, removed }: WriteReport): number {
  return restored + replaced + skipped + removed
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
