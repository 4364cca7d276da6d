import { type CatalogEntry, type Difference, diff, isBackupError, type Manifest } from '@s3db-backup/core'
import {
  catalogOf,
  checkBackupId,
  diffLive,
  type Inventory,
  inventory,
  type LiveDifference,
  ordered,
  parseOptions,
  readManifest,
} from '@s3db-backup/core/internal'
import { databaseSource } from '@s3db-backup/s3db'
import { checkConnected } from '@s3db-backup/s3db/internal'
import type { PluginContext, Storage } from '../context/plugin-context.js'
import { type ListCall, listCallSchema } from '../options/call-options.js'
import { encrypting } from '../options/encryption.js'
import { notInstalled } from '../target/open-target.js'
import {
  describeDamaged,
  describeListed,
  type ListedBackup,
  type ListedEntry,
  type PluginBackup,
  type UnreadBackup,
} from './results.js'

/* What is at the destination: which backups, what each has, and how two differ. Needs no database. */

/** `plugin.listBackups(options)`: what the destination has, newest first, damaged ones last. */
export async function listBackups(
  storage: Storage,
  options: ListCall,
  known?: Inventory | undefined,
): Promise<ListedBackup[]> {
  const call = parseOptions(listCallSchema, options, { what: 'options of listBackups()', operation: 'list' })
  const { prefix = '', startDate, endDate, limit, signal } = call
  const { destination } = storage
  const { driver, manifests: cache } = destination
  const here = known ?? (await inventory(driver, { signal, cache }))
  // A damaged manifest has no time, so it is left out if a date filter is given.
  const timeless = startDate === undefined && endDate === undefined
  const { backups, damaged } = await catalogOf(here).list({
    prefix,
    limit: timeless ? limit : undefined,
    signal,
  })
  const lacking = lackingIn(here, backups)
  const from = startDate === undefined ? Number.NEGATIVE_INFINITY : new Date(startDate).getTime()
  const to = endDate === undefined ? Number.POSITIVE_INFINITY : endOf(endDate)
  const wanted = backups.filter(({ manifest }) => {
    const time = Date.parse(manifest.exportedAt)
    return time >= from && time <= to
  })
  const broken = timeless ? damaged : []
  const opened: (ListedEntry & CatalogEntry)[] = []
  const open = (entry: CatalogEntry) => orClosed(entry, storage, { inventory: here, signal })
  for await (const entry of ordered(wanted.slice(0, limit), opensInFlight, open)) opened.push(entry)
  const listed: ListedBackup[] = [
    ...opened.map((entry) => ({ ...describeListed(entry, destination), ...lacking(entry), error: null })),
    ...broken.map((entry) => describeDamaged(entry, destination)),
  ]
  return listed.slice(0, limit)
}

/** Backups that are opened at once. */
const opensInFlight = 4

/** With the encrypted facts, if the plugin has the key. A list continues if a backup cannot be opened. */
async function orClosed(
  entry: CatalogEntry,
  storage: Storage,
  call: { readonly inventory: Inventory; readonly signal?: AbortSignal | undefined },
): Promise<CatalogEntry & ListedEntry> {
  try {
    return { ...entry, ...(await readable(entry, storage, call)) }
  } catch (error) {
    call.signal?.throwIfAborted()
    if (isBackupError(error)) return { ...entry, closed: true }
    throw error
  }
}

/**
 * Returns the missing ancestor of a backup. Follows the chains of the backups that were read; a backup that was not
 * read is only known to exist.
 */
function lackingIn(
  { directories }: Inventory,
  backups: readonly CatalogEntry[],
): (entry: CatalogEntry) => { readonly lacks?: string } {
  const there = new Set(directories.filter(({ holding }) => holding === 'backup').map(({ id }) => id))
  const parents = new Map(backups.map(({ id, manifest }) => [id, manifest.parent]))
  return ({ id }) => {
    const seen = new Set([id])
    for (let next = parents.get(id); next != null && !seen.has(next); next = parents.get(next)) {
      if (!there.has(next)) return { lacks: next }
      seen.add(next)
    }
    return {}
  }
}

/** The same for one backup, reading only its chain. Unreadable backups add nothing. */
export async function lackingOf(
  { id, manifest }: CatalogEntry,
  here: Inventory,
  signal?: AbortSignal | undefined,
): Promise<{ readonly lacks?: string }> {
  const there = new Set(here.directories.filter(({ holding }) => holding === 'backup').map((one) => one.id))
  const seen = new Set([id])
  for (let next = manifest.parent; next !== null && !seen.has(next); ) {
    if (!there.has(next)) return { lacks: next }
    seen.add(next)
    const parent = await catalogOf(here)
      .get(next, { signal })
      .catch((error: unknown) => {
        if (isBackupError(error)) return undefined
        throw error
      })
    next = parent?.manifest.parent ?? null
  }
  return {}
}

/** A date without a time means the whole day, UTC. */
function endOf(date: Date | string): number {
  const wholeDay = typeof date === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(date)
  return new Date(date).getTime() + (wholeDay ? 24 * 60 * 60 * 1000 - 1 : 0)
}

/** A finished backup and all that its manifest says. */
export type BackupDescription = (PluginBackup | UnreadBackup) & {
  readonly manifest: Manifest
}

/** Options of one `describe()` call. */
export interface DescribeCall {
  readonly signal?: AbortSignal | undefined
}

/** `plugin.describe(id)`: one finished backup, file by file, whatever driver keeps it. */
export async function describeStored(
  storage: Storage,
  backupId: string,
  { signal }: DescribeCall,
): Promise<BackupDescription> {
  const { destination } = storage
  checkBackupId(backupId, 'status')
  const here = await inventory(destination.driver, { signal, cache: destination.manifests })
  const found = await catalogOf(here).get(backupId)
  const entry = { ...found, ...(await readable(found, storage, { inventory: here, signal })) }
  const lacking = await lackingOf(entry, here, signal)
  return { ...describeListed(entry, destination), ...lacking, manifest: entry.manifest }
}

/** With the whole manifest if the plugin's key opens it; else with what can be read without one. */
export async function readable(
  entry: CatalogEntry,
  { destination: { driver }, encryption }: Storage,
  call: { readonly inventory: Inventory; readonly signal?: AbortSignal | undefined },
): Promise<CatalogEntry & ListedEntry> {
  if (entry.manifest.encryption === undefined) return entry
  if (encryption === undefined) return { ...entry, closed: true }
  try {
    return await readManifest({ driver, id: entry.id, encryption, ...call })
  } catch (error) {
    if (isBackupError(error, 'undecryptable')) return { ...entry, closed: true }
    throw error
  }
}

/** Options of one `diff()` call. */
export interface DiffCall {
  /** Only these resources (globs allowed). */
  readonly resources?: readonly string[] | undefined
  readonly exclude?: readonly string[] | undefined
  /** Take backups that are not encrypted although the plugin encrypts. Default `false`. */
  readonly allowPlain?: boolean | undefined
  readonly signal?: AbortSignal | undefined
}

/** `plugin.diffLive(backupId, options)`: a backup and the database that the plugin is installed in. */
export function diffWithDatabase(
  context: Storage & Pick<PluginContext, 'database'>,
  id: string,
  { resources, exclude, allowPlain = false, signal }: DiffCall,
): AsyncIterable<LiveDifference> {
  const database = context.database()
  if (database === undefined) throw notInstalled()
  checkConnected(database, 'status')
  return diffLive({
    driver: context.destination.driver,
    id,
    source: databaseSource(database),
    ...encrypting(context),
    ...{ resources, exclude, allowPlain, signal },
  })
}

/** `plugin.diff(from, to, options)`. */
export function diffBackups(
  storage: Storage,
  from: string,
  to: string,
  { resources, exclude, allowPlain = false, signal }: DiffCall,
): AsyncIterable<Difference> {
  return diff({
    driver: storage.destination.driver,
    from,
    to,
    ...encrypting(storage),
    allowPlain,
    ...(resources === undefined ? {} : { resources }),
    ...(exclude === undefined ? {} : { exclude }),
    ...(signal === undefined ? {} : { signal }),
  })
}
