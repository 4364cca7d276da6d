import { checkBackupId, isBackupId } from './backup-id.js'
import type { Driver } from './driver.js'
import type { Operation } from './error-table.js'
import { BackupError, isBackupError } from './errors.js'
import { guard } from './guard.js'
import { fileKey, manifestFile } from './layout.js'
import type { Manifest } from './manifest.js'
import { longestManifest, looksLikeManifest, openManifest } from './manifest-file.js'
import { collect } from './streams/bytes.js'
import { ordered } from './streams/ordered.js'

/** A backup as the destination has it. */
export interface CatalogEntry {
  readonly id: string
  /** Its directory, relative to the driver's root. */
  readonly directory: string
  readonly manifest: Manifest
  /** SHA-256 of the manifest, which itself holds the hash of every part. */
  readonly checksum: string
  /** Stored size of the manifest, in bytes. */
  readonly manifestBytes: number
}

/** A directory that holds a manifest which cannot be read. */
export interface DamagedEntry {
  readonly id: string
  readonly directory: string
  readonly problem: BackupError
}

/** The backups at a destination: a view of what is there, made anew at each call; it stores nothing. */
export interface Catalog {
  /** Complete and incomplete backups, newest first, and apart from them those whose manifest is damaged. */
  list(options?: { signal?: AbortSignal }): Promise<{ backups: CatalogEntry[]; damaged: DamagedEntry[] }>
  /** One backup. Throws `not_found`, or what is wrong with its manifest. */
  get(id: string, options?: { signal?: AbortSignal; operation?: Operation }): Promise<CatalogEntry>
  /** The backups that one needs, the full one first, itself last. Throws `broken_chain` naming what is missing. */
  chain(id: string, options?: { signal?: AbortSignal; operation?: Operation }): Promise<CatalogEntry[]>
}

/** Manifests read at once when listing. */
const readsInFlight = 8

/** Opens the catalog of a destination. Does no I/O. */
export function openCatalog(unguarded: Driver): Catalog {
  const driver = guard(unguarded)
  const never = new AbortController().signal

  const read = async (
    directory: string,
    signal: AbortSignal,
  ): Promise<CatalogEntry | DamagedEntry | undefined> => {
    const id = directory.slice(directory.lastIndexOf('/') + 1)
    const key = fileKey(directory, manifestFile)
    try {
      const bytes = await collect(driver.get(key, { signal }), longestManifest, key)
      // A database's own metadata has the same file name. It is not a backup, so it is not a damaged one.
      if (!looksLikeManifest(bytes) && !looksLikeBackupDirectory(id)) return undefined
      const { manifest, checksum } = openManifest(bytes, key)
      if (manifest.id !== id)
        throw new BackupError('corrupt', `${key} is the manifest of another backup, ${manifest.id}`)
      return { id, directory, manifest, checksum, manifestBytes: bytes.byteLength }
    } catch (error) {
      if (isBackupError(error, 'not_found')) return undefined
      if (!isBackupError(error, 'corrupt') && !isBackupError(error, 'incompatible_format')) throw error
      return { id, directory, problem: error.with({ metadata: { backupId: id } }) }
    }
  }

  const directories = async (signal: AbortSignal): Promise<string[]> => {
    const found: string[] = []
    for await (const { key } of driver.list('', { signal })) {
      if (key.endsWith(`/${manifestFile}`)) found.push(key.slice(0, -manifestFile.length - 1))
    }
    return found.filter((directory) => isBackupId(directory.slice(directory.lastIndexOf('/') + 1)))
  }

  const get: Catalog['get'] = async (id, options = {}) => {
    const { signal = never, operation = 'status' } = options
    checkBackupId(id, operation)
    const directory = (await directories(signal)).find(
      (candidate) => candidate === id || candidate.endsWith(`/${id}`),
    )
    const entry = directory === undefined ? undefined : await read(directory, signal)
    if (entry === undefined) throw missing(id, operation)
    if ('problem' in entry) throw entry.problem.with({ operation })
    return entry
  }

  return {
    async list(options = {}) {
      const { signal = never } = options
      const backups: CatalogEntry[] = []
      const damaged: DamagedEntry[] = []
      for await (const entry of ordered(await directories(signal), readsInFlight, (directory) =>
        read(directory, signal),
      )) {
        if (entry === undefined) continue
        if ('problem' in entry) damaged.push(entry)
        else backups.push(entry)
      }
      return { backups: backups.sort(newestFirst), damaged }
    },
    get,
    async chain(id, options = {}) {
      const links: CatalogEntry[] = [await get(id, options)]
      for (
        let parent = links[0]?.manifest.parent ?? null;
        parent !== null;
        parent = links[0]?.manifest.parent ?? null
      ) {
        if (links.some((link) => link.id === parent))
          throw brokenChain(id, parent, 'is its own ancestor', options.operation)
        links.unshift(await ancestor(id, parent, options))
      }
      return links
    },
  }

  async function ancestor(
    id: string,
    parent: string,
    options: { signal?: AbortSignal; operation?: Operation },
  ): Promise<CatalogEntry> {
    try {
      return await get(parent, options)
    } catch (error) {
      if (isBackupError(error, 'not_found'))
        throw brokenChain(id, parent, 'is missing', options.operation, error)
      if (isBackupError(error, 'corrupt'))
        throw brokenChain(id, parent, 'is damaged', options.operation, error)
      throw error
    }
  }
}

/** Ids that we make ourselves. A broken manifest in such a directory is reported, in any other it is not ours. */
function looksLikeBackupDirectory(id: string): boolean {
  return /-\d{4}-\d{2}-\d{2}T\d{2}-\d{2}-\d{2}-[a-z0-9]{6}$/.test(id)
}

function newestFirst(a: CatalogEntry, b: CatalogEntry): number {
  return b.manifest.exportedAt.localeCompare(a.manifest.exportedAt) || b.id.localeCompare(a.id)
}

function missing(id: string, operation: Operation): BackupError {
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
  operation: Operation = 'restore',
  cause?: unknown,
): BackupError {
  return new BackupError('broken_chain', `Backup '${id}' needs '${ancestor}', which ${what}`, {
    operation,
    metadata: { backupId: id, missing: ancestor },
    ...(cause === undefined ? {} : { cause }),
  })
}
