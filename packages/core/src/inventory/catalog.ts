import type { Operation } from '../error-table.js'
import { BackupError, isBackupError } from '../errors.js'
import { checkBackupId } from '../format/backup-id.js'
import type { Driver } from '../ports/driver.js'
import { withoutCopies } from './copies.js'
import { datedAheadLast } from './dated-ahead.js'
import { type Inventory, inventory } from './inventory.js'
import { type FinishedEntry, isBackup, isFinished, type SpoiltEntry } from './inventory-entry.js'
import type { CatalogEntry, DamagedEntry } from './manifest-entry.js'
import { newestFirst, newestIn } from './newest.js'

export type { BackupCopy, CatalogEntry, DamagedEntry } from './manifest-entry.js'

interface Asking {
  readonly signal?: AbortSignal | undefined
  /** The operation named in errors. */
  readonly operation?: Operation | undefined
}

/** Which backups are listed. */
export interface CatalogList {
  /**
   * The maximum number, damaged ones last, so that these appear only if there are fewer backups. Manifests that cannot
   * be among them are not read: an id of our form gives the time of its backup, give or take a day.
   */
  readonly limit?: number | undefined
  /** Only those whose id begins like this. */
  readonly prefix?: string | undefined
  /**
   * Backups whose manifest may not be read are among the damaged ones, with code `permission_denied`, beyond `limit`
   * too: any of them may be the newest. Without it, or if no manifest may be read, the call rejects.
   */
  readonly deniedToo?: boolean | undefined
  readonly signal?: AbortSignal | undefined
}

/** The backups at a destination: a view of what is there, read at each call; it stores nothing. */
export interface Catalog {
  /**
   * Complete and incomplete backups, newest first, and apart from them those whose manifest is damaged. Those that are
   * dated ahead of the storage's clock come after all others. A backup in several directories is listed once.
   */
  list(options?: CatalogList): Promise<{ backups: CatalogEntry[]; damaged: DamagedEntry[] }>
  /**
   * One backup. Throws `not_found`, `conflict` if two directories hold different backups of this id, or what is wrong
   * with its manifest.
   */
  get(id: string, options?: Asking): Promise<CatalogEntry>
  /** The backups that one needs, the full one first, itself last. Throws `broken_chain` naming what is missing. */
  chain(id: string, options?: Asking): Promise<CatalogEntry[]>
}

/** Opens the catalog of a destination. Does no I/O; each call lists the destination once. */
export function openCatalog(driver: Driver): Catalog {
  const anew = async (signal: AbortSignal | undefined) => catalogOf(await inventory(driver, { signal }))
  return {
    list: async (options = {}) => (await anew(options.signal)).list(options),
    async get(id, options = {}) {
      checkBackupId(id, options.operation ?? 'status')
      return (await anew(options.signal)).get(id, options)
    },
    async chain(id, options = {}) {
      checkBackupId(id, options.operation ?? 'restore')
      return (await anew(options.signal)).chain(id, options)
    },
  }
}

/** The catalog of an inventory. Makes no new listing. */
export function catalogOf(here: Inventory): Catalog {
  const catalog: Catalog = {
    async list({ limit = Number.POSITIVE_INFINITY, prefix = '', deniedToo, signal } = {}) {
      const { backups, damaged } = await newestIn(here, { limit, prefix, deniedToo, signal })
      const [denied, others] = [damaged.filter(isDenied), damaged.filter((entry) => !isDenied(entry))]
      const [first] = denied
      if (first !== undefined && backups.length === 0 && others.length === 0) throw first.problem
      return {
        backups: datedAheadLast(backups.sort(newestFirst)).slice(0, limit).map(toCatalog),
        damaged: [
          ...others.sort(byDirectory).slice(0, Math.max(0, limit - backups.length)),
          ...denied.sort(byDirectory),
        ].map(toDamaged),
      }
    },
    async get(id, options = {}) {
      const { operation = 'status' } = options
      checkBackupId(id, operation)
      const entry = await findBackup(here, id, { ...options, operation })
      if (entry === undefined) throw missingBackup(id, operation)
      if ('problem' in entry) throw entry.problem.with({ operation })
      return toCatalog(entry)
    },
    async chain(id, options = {}) {
      const { operation = 'restore' } = options
      checkBackupId(id, operation)
      const asking = { ...options, operation }
      const links = [await catalog.get(id, asking)]
      for (let parent = parentOf(links); parent !== null; parent = parentOf(links)) {
        if (links.some((link) => link.id === parent))
          throw brokenChain(id, parent, 'is its own ancestor', operation)
        links.unshift(await ancestor(catalog, id, parent, asking))
      }
      return links
    },
  }
  return catalog
}

async function ancestor(
  catalog: Catalog,
  id: string,
  parent: string,
  options: Asking & { readonly operation: Operation },
): Promise<CatalogEntry> {
  const { operation } = options
  try {
    return await catalog.get(parent, options)
  } catch (error) {
    if (isBackupError(error, 'not_found') || isBackupError(error, 'invalid_options'))
      throw brokenChain(id, parent, 'is missing', operation, error)
    if (isBackupError(error, 'corrupt')) throw brokenChain(id, parent, 'is damaged', operation, error)
    throw error
  }
}

/**
 * The backup with an id, damaged or not; `undefined` if there is no manifest. Throws `conflict` for two that differ.
 */
export async function findBackup(
  here: Inventory,
  id: string,
  { signal, operation }: Asking,
): Promise<FinishedEntry | SpoiltEntry | undefined> {
  const entries = await here.entries({
    where: (stored) => stored.holding === 'backup' && stored.id === id,
    signal,
  })
  const backups = entries.filter(isBackup)
  const found = [...withoutCopies(backups.filter(isFinished)), ...backups.filter((one) => !isFinished(one))]
  const [entry, another] = found
  if (entry === undefined || another === undefined) return entry
  const directories = found.map(({ directory }) => directory)
  throw new BackupError(
    'conflict',
    `There are two different backups '${id}', at ${directories.slice(0, 2).join(' and ')}`,
    {
      operation,
      suggestion: 'Move one of them away: all of them have the same id.',
      metadata: { backupId: id, directories },
    },
  )
}

/** An entry as callers of the catalog know it, without the other files of its directory. */
function toCatalog({ objects: _objects, state: _state, ...entry }: FinishedEntry): CatalogEntry {
  return entry
}

function toDamaged({ objects: _objects, state: _state, ...entry }: SpoiltEntry): DamagedEntry {
  return entry
}

function parentOf([first]: readonly CatalogEntry[]): string | null {
  return first?.manifest.parent ?? null
}

function isDenied({ problem }: DamagedEntry): boolean {
  return isBackupError(problem, 'permission_denied')
}

function byDirectory(a: DamagedEntry, b: DamagedEntry): number {
  return a.directory < b.directory ? -1 : 1
}

export function missingBackup(id: string, operation: Operation): BackupError {
  return new BackupError('not_found', `Backup '${id}' not found`, {
    operation,
    suggestion: 'Confirm the backupId exists or run backupPlugin.list() before restoring.',
    metadata: { backupId: id },
  })
}

function brokenChain(
  id: string,
  ancestor: string,
  what: string,
  operation: Operation,
  cause?: unknown,
): BackupError {
  return new BackupError('broken_chain', `Backup '${id}' needs '${ancestor}', which ${what}`, {
    operation,
    metadata: { backupId: id, missing: ancestor },
    ...(cause === undefined ? {} : { cause }),
  })
}
