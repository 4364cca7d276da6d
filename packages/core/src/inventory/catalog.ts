import type { Operation } from '../error-table.js'
import { BackupError, isBackupError } from '../errors.js'
import { checkBackupId, isBackupId } from '../format/backup-id.js'
import { manifestFile } from '../format/layout.js'
import type { Driver } from '../ports/driver.js'
import { guard } from '../ports/guard.js'
import { ordered } from '../streams/ordered.js'
import { type CatalogEntry, type DamagedEntry, lastSegment, readEntry } from './catalog-entry.js'

export type { CatalogEntry, DamagedEntry } from './catalog-entry.js'

interface Asking {
  readonly signal?: AbortSignal
  /** What the caller is doing, for its errors. */
  readonly operation?: Operation
}

/** The backups at a destination: a view of what is there, made anew at each call; it stores nothing. */
export interface Catalog {
  /** Complete and incomplete backups, newest first, and apart from them those whose manifest is damaged. */
  list(options?: { signal?: AbortSignal }): Promise<{ backups: CatalogEntry[]; damaged: DamagedEntry[] }>
  /**
   * One backup. Throws `not_found`, `conflict` if two directories hold a backup of this id, or what is wrong
   * with its manifest.
   */
  get(id: string, options?: Asking): Promise<CatalogEntry>
  /** The backups that one needs, the full one first, itself last. Throws `broken_chain` naming what is missing. */
  chain(id: string, options?: Asking): Promise<CatalogEntry[]>
}

/** Manifests read at once when listing. */
const readsInFlight = 8

const never = new AbortController().signal

/** Opens the catalog of a destination. Does no I/O. */
export function openCatalog(unguarded: Driver): Catalog {
  const driver = guard(unguarded)
  return {
    async list({ signal = never } = {}) {
      const found = await readAll(driver, await backupDirectories(driver, signal), signal)
      return {
        backups: found.filter((entry) => 'manifest' in entry).sort(newestFirst),
        damaged: found.filter((entry) => 'problem' in entry).sort(byDirectory),
      }
    },
    async get(id, options = {}) {
      const { signal = never, operation = 'status' } = options
      checkBackupId(id, operation)
      return getFrom(await backupDirectories(driver, signal), id, options)
    },
    async chain(id, options = {}) {
      const { signal = never, operation = 'restore' } = options
      checkBackupId(id, operation)
      const directories = await backupDirectories(driver, signal)
      const links = [await getFrom(directories, id, { ...options, operation })]
      for (let parent = parentOf(links); parent !== null; parent = parentOf(links)) {
        if (links.some((link) => link.id === parent))
          throw brokenChain(id, parent, 'is its own ancestor', operation)
        links.unshift(await ancestor(directories, id, parent, { ...options, operation }))
      }
      return links
    },
  }

  async function getFrom(directories: readonly string[], id: string, options: Asking): Promise<CatalogEntry> {
    const { signal = never, operation = 'status' } = options
    const entry = await oneOf(driver, directories, id, { signal, operation })
    if (entry === undefined) throw missingBackup(id, operation)
    if ('problem' in entry) throw entry.problem.with({ operation })
    return entry
  }

  async function ancestor(
    directories: readonly string[],
    id: string,
    parent: string,
    options: Asking & { readonly operation: Operation },
  ): Promise<CatalogEntry> {
    try {
      return await getFrom(directories, parent, options)
    } catch (error) {
      const { operation } = options
      if (isBackupError(error, 'not_found')) throw brokenChain(id, parent, 'is missing', operation, error)
      if (isBackupError(error, 'corrupt')) throw brokenChain(id, parent, 'is damaged', operation, error)
      throw error
    }
  }
}

/** What there is under an id, damaged or not; nothing if there is no manifest. Throws `conflict` for two. */
export async function findBackup(
  driver: Driver,
  id: string,
  { signal, operation }: Required<Asking>,
): Promise<CatalogEntry | DamagedEntry | undefined> {
  checkBackupId(id, operation)
  return oneOf(driver, await backupDirectories(driver, signal), id, { signal, operation })
}

async function oneOf(
  driver: Driver,
  directories: readonly string[],
  id: string,
  { signal, operation }: Required<Asking>,
): Promise<CatalogEntry | DamagedEntry | undefined> {
  const candidates = directories.filter((directory) => lastSegment(directory) === id)
  const [entry, another] = await readAll(driver, candidates, signal)
  if (entry === undefined || another === undefined) return entry
  const where = `${entry.directory} and ${another.directory}`
  throw new BackupError('conflict', `There are two backups '${id}', at ${where}`, {
    operation,
    suggestion: 'Move one of them away; which one is meant cannot be told from the id.',
    metadata: { backupId: id, directories: candidates },
  })
}

export async function readAll(
  driver: Driver,
  directories: readonly string[],
  signal: AbortSignal,
): Promise<(CatalogEntry | DamagedEntry)[]> {
  const found: (CatalogEntry | DamagedEntry)[] = []
  const read = (directory: string) => readEntry(driver, directory, signal)
  for await (const entry of ordered(directories, readsInFlight, read)) {
    if (entry !== undefined) found.push(entry)
  }
  return found
}

/** Directories that hold an `s3db.json` and whose name may be an id. */
export async function backupDirectories(driver: Driver, signal: AbortSignal): Promise<string[]> {
  const found: string[] = []
  for await (const { key } of driver.list('', { signal })) {
    if (!key.endsWith(`/${manifestFile}`)) continue
    const directory = key.slice(0, -manifestFile.length - 1)
    if (isBackupId(lastSegment(directory))) found.push(directory)
  }
  return found
}

function parentOf([first]: readonly CatalogEntry[]): string | null {
  return first?.manifest.parent ?? null
}

/**
 * By the time that they stand for. Of one time, the one that was completed later is the newer: a consolidated
 * chain stands for the time of its last backup.
 */
function newestFirst(a: CatalogEntry, b: CatalogEntry): number {
  const later =
    Date.parse(b.manifest.exportedAt) - Date.parse(a.manifest.exportedAt) ||
    Date.parse(b.manifest.completedAt) - Date.parse(a.manifest.completedAt)
  return later || (a.id < b.id ? 1 : -1)
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
