import { type CatalogEntry, openCatalog } from './catalog.js'
import type { Codec } from './codec.js'
import { codecsById } from './codecs/registry.js'
import type { Call, Driver } from './driver.js'
import { BackupError, during } from './errors.js'
import type { OnEvent } from './events.js'
import { checkCodecs, type ReadContext } from './format/part-reader.js'
import { guard } from './guard.js'
import type { Manifest, Part, ResourceEntry } from './manifest.js'
import { readResource } from './read-resource.js'
import { select } from './select.js'
import type { Batch, ResourceInfo } from './source.js'
import type { RestoreMode, Target, WriteReport } from './target.js'
import { checkParts } from './verify.js'

export interface RestoreOptions {
  readonly driver: Driver
  readonly id: string
  readonly target: Target
  /** Only these resources (globs allowed); all if left out. */
  readonly resources?: readonly string[]
  readonly exclude?: readonly string[]
  /** What happens to records that are there already. Default `skip`: nothing is destroyed. */
  readonly mode?: RestoreMode
  /** Count what would be done; write nothing. */
  readonly dryRun?: boolean
  /** Read and check every part before the first record is written. Default `true`. */
  readonly verify?: boolean
  /** Restore a backup that lacks records. Without it such a backup is refused. */
  readonly allowIncomplete?: boolean
  /** Codecs beyond the built-in compressions: encryption. */
  readonly codecs?: readonly Codec[]
  readonly signal?: AbortSignal
  readonly onEvent?: OnEvent
}

/** What a restore did. */
export interface RestoreResult {
  readonly id: string
  /** The backups that were read, the full one first. */
  readonly chain: readonly string[]
  /** By resource. */
  readonly resources: Readonly<Record<string, WriteReport>>
  /** How long it took, in ms. */
  readonly duration: number
}

/**
 * Brings a backup back into a target.
 *
 * Before the target is touched, every part that will be needed is read and compared with the manifest
 * (`verify`, the default); while it is read again to be written, each block is checked once more before its
 * records are handed on. A damaged backup therefore never reaches the target.
 *
 * Records that the target refuses are collected, the rest is restored, and the call rejects with `incomplete`
 * and the result in `metadata`. An interrupted restore can be run again; it finishes the work.
 *
 * @throws BackupError `not_found`, `corrupt`, `incompatible_format`, `broken_chain`, `unsupported`,
 * `undecryptable`, `incomplete`; on abort `signal.reason`.
 */
export async function restore(options: RestoreOptions): Promise<RestoreResult> {
  try {
    return await restoreBackup(options)
  } catch (error) {
    throw during('restore', error)
  }
}

async function restoreBackup(options: RestoreOptions): Promise<RestoreResult> {
  const started = Date.now()
  const call: Call = { signal: options.signal ?? new AbortController().signal }
  const driver = guard(options.driver)
  const onEvent = options.onEvent ?? (() => undefined)
  const chain = await openCatalog(driver).chain(options.id, { ...call, operation: 'restore' })
  const entry = chain.at(-1) as CatalogEntry
  refuseIncomplete(entry, options)

  const plan = choose(entry.manifest, options)
  const context: ReadContext = {
    driver,
    backupId: entry.id,
    directory: entry.directory,
    codecs: codecsById(options.codecs),
    ...call,
  }
  const parts = entry.manifest.parts.filter((part) => plan.names.has(part.resource) && isRead(part))
  checkCodecs(context, parts)
  if (options.verify ?? true) await checkParts(context, parts)

  onEvent({
    type: 'restore-start',
    id: entry.id,
    chain: chain.map(({ id }) => id),
    resources: plan.resources.map(({ name }) => name),
  })
  const { mode = 'skip', dryRun = false } = options
  await options.target.open({ resources: plan.resources, internal: plan.internal, mode, dryRun }, call)
  const reports: Record<string, WriteReport> = {}
  const all: Record<string, WriteReport> = {}
  for (const { name } of [...plan.resources, ...plan.internal]) {
    const expected = entry.manifest.resources[name]?.recordCount
    const batches = announced(readResource(context, entry.manifest, name), (records) =>
      onEvent({ type: 'restore-progress', id: entry.id, resource: name, records, expected }),
    )
    const report = await options.target.write(name, batches, call)
    all[name] = report
    if (!plan.resources.some((resource) => resource.name === name)) continue
    reports[name] = report
    onEvent({ type: 'restore-resource', id: entry.id, resource: name, report })
  }
  await options.target.finish?.(call)

  const result: RestoreResult = {
    id: entry.id,
    chain: chain.map(({ id }) => id),
    resources: reports,
    duration: Date.now() - started,
  }
  refuseFailures(result, all)
  onEvent({ type: 'restore-complete', id: entry.id })
  return result
}

interface Choice {
  readonly resources: readonly ResourceInfo[]
  readonly internal: readonly ResourceInfo[]
  readonly names: ReadonlySet<string>
}

function choose(manifest: Manifest, options: RestoreOptions): Choice {
  const names = select(Object.keys(manifest.resources), options)
  const resources = names.map((name) => toInfo(manifest.resources[name] as ResourceEntry))
  const whole = options.resources === undefined
  const internal = Object.values(manifest.internal)
    .filter(({ of }) => (typeof of === 'string' ? names.includes(of) : whole))
    .map(toInfo)
  return { resources, internal, names: new Set([...resources, ...internal].map(({ name }) => name)) }
}

function toInfo({ name, attributes, partitions, timestamps, definition, of }: ResourceEntry): ResourceInfo {
  const optional = {
    ...(definition === undefined ? {} : { definition }),
    ...(of === undefined ? {} : { of }),
  }
  return { name, attributes, partitions, timestamps, ...optional }
}

/** The kinds of part that a restore reads. */
function isRead(part: Part): boolean {
  return part.holds === 'rows' || part.holds === 'raw' || part.holds === 'deleted'
}

async function* announced(
  batches: AsyncIterable<Batch>,
  tell: (records: number) => void,
): AsyncGenerator<Batch> {
  let records = 0
  for await (const batch of batches) {
    yield batch
    records += batch.rows.length
    tell(records)
  }
}

function refuseIncomplete({ id, manifest }: CatalogEntry, options: RestoreOptions): void {
  if (manifest.status === 'completed' || options.allowIncomplete === true) return
  const lost = Object.fromEntries(Object.values(manifest.resources).map((entry) => [entry.name, entry.lost]))
  throw new BackupError(
    'incomplete',
    `Backup '${id}' lacks records that could not be read when it was made`,
    {
      operation: 'restore',
      suggestion: 'Allow an incomplete backup to restore what it has.',
      metadata: { backupId: id, lost },
    },
  )
}

function refuseFailures(result: RestoreResult, all: Readonly<Record<string, WriteReport>>): void {
  const failed = Object.fromEntries(
    Object.entries(all)
      .filter(([, report]) => report.failed.length > 0)
      .map(([name, report]) => [name, report.failed]),
  )
  const count = Object.values(failed).reduce((sum, records) => sum + records.length, 0)
  if (count === 0) return
  throw new BackupError('incomplete', `${count} records of backup '${result.id}' could not be restored`, {
    operation: 'restore',
    suggestion: 'metadata.failed names each record and why. Mend the cause and run the restore again.',
    metadata: { backupId: result.id, failed, result },
  })
}
