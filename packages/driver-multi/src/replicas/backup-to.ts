import { BackupError, type Driver, type ErrorCode, isBackupError } from '@s3db-backup/core'
import { backupFailed, reportHead } from '../failure.js'
import type { DestinationReport, MultiDriver, Replica, Strategy } from '../multi-driver.js'
import { isSomethingElse } from '../states/in-the-way.js'
import { type Watched, watched } from '../watched.js'
import { completeChain, type MadeBackup } from './complete-chain.js'

/** A destination was abandoned and the backup starts over at the next one. */
export interface Failover {
  /** The replica that failed. */
  readonly from: string
  /** The replica that is tried next. */
  readonly to: string
  readonly error: BackupError
}

export interface BackupToOptions {
  /** The signal that the attempts are given too. Once it aborts, no replica is tried any more. */
  readonly signal?: AbortSignal | undefined
  /** Called synchronously before each new attempt; what it throws ends the call. */
  readonly onFailover?: ((failover: Failover) => void) | undefined
}

/** The result of a backup here: that of the attempt, and each destination's report. */
export type WithDestinations<T> = T & { readonly destinations: readonly DestinationReport[] }

/**
 * Makes one backup, by the strategy of the driver. `attempt` makes a whole backup through the driver it is given,
 * reading the source again each time it is called, and removes what it wrote if it fails, as core's `backup` does.
 *
 * `all` and `any` call it once. If the backup builds on others, each destination that has it then gets what it lacks of
 * those, so that it can be restored from there alone. `priority` calls it with one replica after the other until one
 * carries the whole backup, so nothing is lost when a replica fails midway. Only a failure of the storage leads to the
 * next replica; an abort, wrong options, a failure of the source, lost records or a conflict (another backup of the
 * same id) end the call.
 *
 * @throws BackupError with operation `backup` and driver `multi` when the destinations failed; each one's cause is
 * in `metadata.destinations`; `incomplete` if the backup is stored, and cannot be restored from every destination (`all`)
 * or from any (`any`). Whatever else `attempt` throws is passed on.
 *
 * @example
 * ```ts
 * import { backup, type Source } from '@s3db-backup/core'
 * import { backupTo, type MultiDriver } from '@s3db-backup/driver-multi'
 *
 * async function nightly(source: Source, destinations: MultiDriver) {
 *   const { id, destinations: reports } = await backupTo(destinations, (driver) => backup({ source, driver }))
 *   for (const { name, status } of reports) console.log(`${id} at ${name}: ${status}`)
 * }
 * ```
 */
export async function backupTo<T extends MadeBackup>(
  destinations: MultiDriver,
  attempt: (driver: Driver) => Promise<T>,
  options: BackupToOptions = {},
): Promise<WithDestinations<T>> {
  if (destinations.strategy === 'priority') return inOrder(destinations.replicas, attempt, options)
  const { strategy } = destinations
  try {
    const result = await attempt(destinations)
    const reports = destinations.destinations(result.directory)
    const completed = await completeChain(destinations, result, reports, { signal: options.signal ?? never })
    refuseIfNotEverywhere(result, completed, strategy)
    return { ...result, destinations: completed }
  } catch (error) {
    const ours = isBackupError(error) && error.driver === 'multi' && 'destinations' in error.metadata
    throw ours ? error.with({ operation: 'backup' }) : error
  }
}

/**
 * With `all` a backup has to be restorable from every destination, with `any` from one of them. It stays where it is: the
 * records are safe, and a `sync` brings what is missing.
 */
function refuseIfNotEverywhere(
  { manifest }: MadeBackup,
  reports: readonly DestinationReport[],
  strategy: Strategy,
): void {
  const orphaned = reports.filter(({ error }) => isBackupError(error, 'broken_chain'))
  const [first] = orphaned
  const enough =
    strategy === 'any' ? reports.some(({ status }) => status === 'success') : orphaned.length === 0
  if (first?.error === undefined || enough) return
  throw new BackupError('incomplete', `The backup was kept, but ${first.error.message}`, {
    operation: 'backup',
    driver: 'multi',
    suggestion: first.error.suggestion,
    metadata: { backupId: manifest?.id, strategy, destinations: reports },
    cause: first.error,
  })
}

async function inOrder<T>(
  replicas: readonly Replica[],
  attempt: (driver: Driver) => Promise<T>,
  { signal, onFailover }: BackupToOptions,
): Promise<WithDestinations<T>> {
  const failed: DestinationReport[] = []
  for (const [index, replica] of replicas.entries()) {
    const carrier = watched(replica.driver)
    signal?.throwIfAborted()
    try {
      const result = await attempt(carrier.driver)
      return { ...result, destinations: [...failed, report(replica, carrier)] }
    } catch (error) {
      const failure = await failureOf(replica.driver, carrier, error, signal)
      failed.push({ ...report(replica, carrier), status: 'failed', error: failure })
      const next = replicas[index + 1]
      if (next !== undefined) onFailover?.({ from: replica.name, to: next.name, error: failure })
    }
  }
  throw backupFailed(failed, 'priority')
}

/** Codes of failures of the call or of the source, not of the storage. */
const notTheStorages: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['invalid_options', 'incomplete'])

/**
 * The storage's failure. Throws any other failure, which would be the same at another destination, and a conflict with
 * another backup of the same id, because two backups would then have that id.
 */
async function failureOf(
  driver: Driver,
  carrier: Watched,
  error: unknown,
  signal: AbortSignal = never,
): Promise<BackupError> {
  if (!isBackupError(error) || signal.aborted || notTheStorages.has(error.code)) throw error
  if (error.code === 'conflict' && !(await isSomethingElse(driver, error, { signal, kind: 'note' })))
    throw error
  // If a part that is read back differs, the storage damaged it, although no call failed.
  if (!carrier.failed() && error.code !== 'corrupt') throw error
  return error
}

const never = new AbortController().signal

function report(replica: Replica, carrier: Watched): DestinationReport {
  return { ...reportHead(replica), status: 'success', ...carrier.held() }
}
