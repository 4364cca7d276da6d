import type { OnWarning, StorageWarning } from '@s3db-backup/core'
import { type Finding, parseOptions } from '@s3db-backup/core/internal'
import {
  backupTo,
  type DestinationReport,
  type MultiDriver,
  multi,
  presence,
  repair,
  sync,
  verifyReplicas,
  withWholeLists,
} from '@s3db-backup/driver-multi'
import { type Destination, type PluginConfig, probeDriver } from '@s3db-backup/plugin-adapter'
import * as z from 'zod'
import type { DriverConfig } from './driver-config.js'
import { inFolders, placeIn } from './in-folders.js'

const destinationSchema = z.strictObject({
  name: z.string().min(1).optional(),
  driver: z.union([
    z.string(),
    z.custom<Exclude<PluginConfig['driver'], string>>((value) => typeof value === 'object' && value !== null),
  ]),
  config: z.record(z.string(), z.unknown()).default({}),
})

const destinations = z.array(destinationSchema).min(1)

/** `drivers` is the newer document's name, `destinations` the older one's. */
const multiSchema = z
  .strictObject({
    strategy: z.enum(['all', 'any', 'priority']).default('all'),
    concurrency: z.number().int().min(1).max(64).optional(),
    drivers: destinations.optional(),
    destinations: destinations.optional(),
  })
  .refine((config) => (config.drivers === undefined) !== (config.destinations === undefined), {
    error: 'drivers (or destinations, its older name) is needed, and only one of them',
  })

/** What names a destination of its own. */
type Inner = Pick<PluginConfig, 'driver' | 'config'>

/** `{ driver: 'multi', config: { strategy, drivers: [{ driver, config }, ...] } }`: each with its own path template. */
export function multiDestination(
  given: DriverConfig,
  destinationOf: (inner: Inner) => Destination,
  onWarning: OnWarning,
): Destination {
  const config = parseOptions(multiSchema, given, { what: 'options of the multi driver', driver: 'multi' })
  const inner = (config.drivers ?? config.destinations ?? []).map((entry) => ({
    name: entry.name,
    destination: destinationOf(entry),
  }))
  const driver = multi({
    onWarning: ({ replica, error }) =>
      onWarning(missedBy(replica, `could not be listed: ${error.message}`, error.suggestion)),
    strategy: config.strategy,
    ...(config.concurrency === undefined ? {} : { concurrency: config.concurrency }),
    drivers: inner.map(({ name, destination }) => ({
      ...(name === undefined ? {} : { name }),
      driver: inFolders(destination.driver, destination.folder),
    })),
  })
  const places = inner.map(
    ({ destination }) =>
      (key: string) =>
        destination.locate(placeIn(destination.folder, key)),
  )
  // With `priority` each destination has its own attempt, so the reports come from the attempts and not from the
  // driver.
  let last: { readonly directory: string; readonly reports: readonly DestinationReport[] } | undefined
  const reportsOf = (directory: string) =>
    last?.directory === directory ? last.reports : driver.destinations(directory)
  return {
    driver,
    type: 'multi',
    folder: '',
    identity: () => identityOf(inner.map(({ destination }) => destination)),
    locate: (key) => places[0]?.(key) ?? key,
    describe: (directory) =>
      reportsOf(directory).map((report) => ({
        ...report,
        path: places[indexOf(driver, report)]?.(directory),
      })),
    async carry(attempt, signal) {
      const result = await backupTo(driver, attempt, { signal })
      last = { directory: result.directory, reports: result.destinations }
      return result
    },
    missed: (directory) =>
      reportsOf(directory).flatMap(({ name, status, error }) =>
        status === 'success'
          ? []
          : [missedBy(name, `does not have the backup: ${error?.message ?? 'it was stopped'}`, howToCopy)],
      ),
    pruneDriver: withWholeLists(driver),
    async doctor(call) {
      const found: Finding[] = []
      for (const [index, { destination }] of inner.entries()) {
        const findings = (await destination.doctor?.(call)) ?? (await probeDriver(destination.driver, call))
        const name = driver.replicas[index]?.name ?? destination.type
        found.push(...findings.map((finding) => ({ ...finding, destination: name })))
      }
      return found
    },
    replicas: {
      sync: (options) => sync({ multi: driver, ...options }),
      repair: (options) => repair({ multi: driver, ...options }),
      verify: (options) => verifyReplicas({ multi: driver, ...options }),
      presence: (options) => presence({ multi: driver, ...options }),
    },
  }
}

const howToCopy = "When it answers again, copy what it lacks: plugin.replicas.sync(), or 's3db-backup sync'."

function missedBy(replica: string, what: string, suggestion: string): StorageWarning {
  return {
    code: 'destination_missed',
    driver: 'multi',
    message: `The destination ${replica} ${what}`,
    suggestion,
    metadata: { destination: replica },
  }
}

/** The identity of all of them together, each with its folders; `undefined` if one of them has none. */
function identityOf(destinations: readonly Destination[]): string | undefined {
  const each = destinations.map(({ identity, folder }) => [identity?.(), folder])
  return each.every(([identity]) => identity !== undefined) ? `multi ${JSON.stringify(each)}` : undefined
}

function indexOf({ replicas }: MultiDriver, { name }: DestinationReport): number {
  return replicas.findIndex((replica) => replica.name === name)
}
