import { type Driver, type DriverCapabilities, type ObjectKind, objectKinds } from '@s3db-backup/core'
import { parseOptions } from '@s3db-backup/core/internal'
import * as z from 'zod'
import { commonClock } from './clock.js'
import { listUnion } from './list-union.js'
import type { MultiDriver, Replica, Strategy, Warning } from './multi-driver.js'
import { readAnywhere } from './read.js'
import { backupStates } from './states/backup-states.js'
import { type NamedDriver, nameReplicas } from './states/name-replicas.js'
import { isOfNoBackup, put } from './writes/put.js'
import { putBeside, storeAtAll } from './writes/put-beside.js'
import { removeEverywhere } from './writes/remove-everywhere.js'

/** The destinations and what makes a backup to them a success. */
export interface MultiOptions {
  /** One or more drivers, bare or with a name for reports. Their order is that of `priority` and of reads. */
  readonly drivers: readonly (Driver | NamedDriver)[]
  /** Default `all`. */
  readonly strategy?: Strategy | undefined
  /** Replicas worked on side by side when deleting, verifying and copying, 1 to 64. Default 3. */
  readonly concurrency?: number | undefined
  /** Leave a replica that cannot be listed out of a listing, with a warning. Default `true`. */
  readonly partialLists?: boolean | undefined
  /** Called with skipped problems, synchronously. If it throws, the call fails. */
  readonly onWarning?: ((warning: Warning) => void) | undefined
}

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null
const isDriver = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'put' in value && typeof value.put === 'function'

const driverSchema = z.custom<Driver>(isDriver, 'a driver is needed')
const namedSchema = z.strictObject({ name: z.string().min(1).optional(), driver: driverSchema })
const entrySchema = z
  .custom<object>(isObject, 'a driver is needed')
  .transform((entry, context): NamedDriver => {
    if (isDriver(entry)) return { driver: driverSchema.parse(entry) }
    const parsed = namedSchema.safeParse(entry)
    if (parsed.success) return parsed.data
    for (const { path, message } of parsed.error.issues) context.addIssue({ code: 'custom', path, message })
    return z.NEVER
  })

const optionsSchema = z.strictObject({
  drivers: z.array(entrySchema).min(1, 'at least one driver is needed'),
  strategy: z.enum(['all', 'any', 'priority']).default('all'),
  concurrency: z.number().int().min(1).max(64).default(3),
  partialLists: z.boolean().default(true),
  onWarning: z
    .custom<(warning: Warning) => void>((value) => typeof value === 'function', 'must be a function')
    .optional(),
})

/**
 * Keeps backups at several destinations at once. To the rest of the program it is one driver: a body is read once
 * and feeds every destination, reads fall over from one to the next, a listing is the union of theirs.
 *
 * Use `backupTo` to make a backup through it: with `priority`, only it can begin again at the next destination.
 *
 * Checks its options at once and does no I/O. `close` closes the drivers it was given.
 *
 * @throws BackupError `invalid_options`. `put` rejects with the code that the destinations' failures have in
 * common, else `unavailable`; `metadata.destinations` has each one's own.
 *
 * @example
 * ```ts
 * import type { Driver } from '@s3db-backup/core'
 * import { multi } from '@s3db-backup/driver-multi'
 *
 * function twice(local: Driver, remote: Driver) {
 *   return multi({ strategy: 'any', drivers: [local, { name: 'offsite', driver: remote }] })
 * }
 * ```
 */
export function multi(options: MultiOptions): MultiDriver {
  const { drivers, strategy, concurrency, partialLists, onWarning } = parseOptions(optionsSchema, options, {
    what: 'multi driver configuration',
    driver: 'multi',
  })
  const replicas = nameReplicas(drivers)
  const record = backupStates(strategy === 'priority' ? replicas.slice(0, 1) : replicas)
  const clock = commonClock(replicas)
  const union = { replicas, onWarning: onWarning ?? (() => undefined), whole: !partialLists }

  return {
    name: 'multi',
    strategy,
    replicas,
    concurrency,
    capabilities: commonCapabilities(replicas),
    destinations: (directory) => record.look(directory).map((at) => at.report()),
    put: (key, body, call) => put({ replicas, strategy, ledger: record }, key, body, ofKnownKind(call)),
    get: (key, call) => readAnywhere(replicas, key, ofKnownKind(call)),
    list: (prefix, call) => listUnion(union, prefix, call),
    async delete(key, call) {
      await removeEverywhere(replicas, concurrency, key, call)
      record.forget(key)
    },
    ...(clock === undefined ? {} : { clock }),
    async close() {
      const closed = await Promise.allSettled(replicas.map(({ driver }) => driver.close?.()))
      const failed = closed.find((result) => result.status === 'rejected')
      if (failed !== undefined) throw failed.reason
    },
  }
}

/**
 * The same destinations, for whoever removes backups and brings them back. What is put goes where the directory of its
 * key is already, as part of no backup. And a listing that lacks one of them rejects. For whoever draws conclusions from
 * what is not listed: a retention plan must not take a backup for unneeded because the one that needs it lies at
 * a destination that is down.
 */
export function withWholeLists(driver: MultiDriver): MultiDriver {
  const union = { replicas: driver.replicas, onWarning: () => undefined, whole: true }
  return {
    ...driver,
    put(key, body, given) {
      const call = ofKnownKind(given)
      const everywhere = () => storeAtAll(driver.replicas, key, body, call)
      return isOfNoBackup(call) ? everywhere() : putBeside(driver.replicas, key, body, call, everywhere)
    },
    list: (prefix, call) => listUnion(union, prefix, call),
  }
}

/** Kinds of later versions are an index to us, and to the guards of the replicas. */
function ofKnownKind<T extends { readonly kind: ObjectKind }>(call: T): T {
  return objectKinds.includes(call.kind) ? call : { ...call, kind: 'index' }
}

/** What all replicas can do: `range` if each has it, and the smallest of their limits. */
function commonCapabilities(replicas: readonly Replica[]): DriverCapabilities {
  const limits = replicas.flatMap(({ driver }) => driver.capabilities?.maxObjectBytes ?? [])
  return {
    range: replicas.every(({ driver }) => driver.capabilities?.range === true),
    ...(limits.length === 0 ? {} : { maxObjectBytes: Math.min(...limits) }),
  }
}
