import { isBackupError } from '../errors.js'
import { manifestFile } from '../format/layout.js'
import type { Call, Driver } from '../ports/driver.js'
import { guard } from '../ports/guard.js'
import type { ManifestCache } from '../ports/manifest-cache.js'
import { sideBySide } from '../streams/side-by-side.js'
import { abandonment } from './abandoned.js'
import { readAttempt } from './attempt-entry.js'
import { storageTime } from './dated-ahead.js'
import { readDeleted } from './deleted-entry.js'
import type { InventoryEntry } from './inventory-entry.js'
import { readManifestEntry } from './manifest-entry.js'
import { defaultGrace } from './started.js'
import { listDirectories, objectNamed, type StoredDirectory } from './stored-directory.js'

/** How an inventory is taken. */
export interface InventoryOptions {
  readonly signal?: AbortSignal | undefined
  /** How many ms without a sign of life make a backup without a manifest count as abandoned. Default a day. */
  readonly staleAfter?: number | undefined
  /** Manifests that are remembered here are not read again. The inventory is then good for displays only. */
  readonly cache?: ManifestCache | undefined
  /**
   * The clock. For tests.
   * @internal
   */
  readonly now?: (() => Date) | undefined
}

/** Which entries are wanted. */
export interface Wanted {
  /** By what the listing shows. Left out, all. */
  readonly where?: ((directory: StoredDirectory) => boolean) | undefined
  /** Backups whose manifest may not be read are entries with that problem. Without it, the call fails for the first. */
  readonly deniedToo?: boolean | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * The contents of a destination, from one listing. Manifests and notes are read when a caller asks for their entries,
 * side by side, and each only once. It does not show later changes, so deletions and commits check again.
 */
export interface Inventory {
  /** Every directory that is named like a backup. */
  readonly directories: readonly StoredDirectory[]
  /** Some of it may come from a cache, so nothing may be decided by it. */
  readonly forDisplay: boolean
  /** The storage's time, in ms since 1970, requested once; this machine's if the storage reports none. */
  storageTime(call: Call): Promise<number>
  /** Each backup that there is, in the order of the listing. Directories that tell nothing have no entry. */
  entries(wanted?: Wanted): Promise<InventoryEntry[]>
}

/** Manifests and notes that are read at once. Those of many resources are large. */
const readsInFlight = { small: 32, large: 8 } as const

/** Lists a destination once. */
export async function inventory(
  unguarded: Driver,
  { signal = new AbortController().signal, staleAfter = defaultGrace, cache, now }: InventoryOptions = {},
): Promise<Inventory> {
  const driver = guard(unguarded)
  const directories = await listDirectories(driver, '', { signal })
  const clock = now ?? (() => new Date())
  const isAbandoned = abandonment(driver, { staleAfter, now: clock })
  const entries = new Map<StoredDirectory, Promise<InventoryEntry | undefined>>()

  const entryOf = (stored: StoredDirectory, call: Call) => {
    const known = entries.get(stored)
    if (known !== undefined) return known
    const reading = readEntry(stored, call)
    entries.set(stored, reading)
    // The next call may have more luck, or more time.
    reading.catch(() => entries.delete(stored))
    return reading
  }

  const readEntry = async (stored: StoredDirectory, call: Call): Promise<InventoryEntry | undefined> => {
    if (stored.holding === 'attempt') return readAttempt(driver, stored, isAbandoned, call)
    const entry = await readBackup({ driver, cache }, stored, call)
    if (entry !== 'gone') return entry
    // Deleted or brought back since it was listed.
    const again = await listAgain(driver, stored, call)
    const second = again && (await readBackup({ driver, cache }, again, call))
    return second === 'gone' ? undefined : second
  }

  return {
    directories,
    forDisplay: cache !== undefined,
    storageTime: storageTime(driver, clock),
    async entries({ where = () => true, deniedToo = false, signal: own = signal } = {}) {
      own.throwIfAborted()
      const wanted = directories.filter((stored) => stored.holding !== 'remains' && where(stored))
      const found: InventoryEntry[] = []
      const work = (stored: StoredDirectory) =>
        deniedToo ? orDenied(stored, entryOf(stored, { signal: own })) : entryOf(stored, { signal: own })
      const bytesOf = (stored: StoredDirectory) => objectNamed(stored, manifestFile)?.bytes ?? 0
      for await (const entry of sideBySide(wanted, { bytesOf, inFlight: readsInFlight, work }))
        if (entry !== undefined) found.push(entry)
      return found
    },
  }
}

/** The content of a directory with a manifest or a deletion note; `gone` if it was removed meanwhile. */
async function readBackup(
  { driver, cache }: { readonly driver: Driver; readonly cache: ManifestCache | undefined },
  stored: StoredDirectory,
  call: Call,
): Promise<InventoryEntry | 'gone' | undefined> {
  const { directory, objects } = stored
  if (stored.holding === 'deleted') return (await readDeleted(driver, stored, call)) ?? 'gone'
  const object = objectNamed(stored, manifestFile)
  if (object === undefined) return undefined
  try {
    const entry = await readManifestEntry({ driver, cache, directory, object }, call)
    if (entry === undefined) return undefined
    if ('problem' in entry) return { ...entry, objects, state: 'damaged' }
    return { ...entry, objects, state: entry.manifest.status === 'completed' ? 'complete' : 'incomplete' }
  } catch (error) {
    if (isBackupError(error, 'not_found')) return 'gone'
    throw error
  }
}

/** A backup whose manifest may not be read is there, whatever it contains. */
async function orDenied(
  { id, directory, objects, holding }: StoredDirectory,
  reading: Promise<InventoryEntry | undefined>,
): Promise<InventoryEntry | undefined> {
  try {
    return await reading
  } catch (error) {
    if (holding !== 'backup' || !isBackupError(error, 'permission_denied')) throw error
    return { id, directory, objects, state: 'damaged', problem: error.with({ metadata: { backupId: id } }) }
  }
}

async function listAgain(
  driver: Driver,
  { directory }: StoredDirectory,
  call: Call,
): Promise<StoredDirectory | undefined> {
  const inside = await listDirectories(driver, `${directory}/`, call)
  return inside.find((stored) => stored.directory === directory)
}

/**
 * The backups, deleted or not, in directories that an inventory shows as neither. A listing takes time: a backup that
 * is deleted or brought back meanwhile may show neither its manifest nor its deletion note. A second listing of its
 * directory shows one of them.
 */
export async function lookAgain(
  driver: Driver,
  directories: readonly StoredDirectory[],
  call: Call,
): Promise<InventoryEntry[]> {
  const found: InventoryEntry[] = []
  for (const stored of directories) {
    const again = await listAgain(driver, stored, call)
    if (again === undefined || (again.holding !== 'backup' && again.holding !== 'deleted')) continue
    const entry = await readBackup({ driver, cache: undefined }, again, call)
    if (entry !== undefined && entry !== 'gone') found.push(entry)
  }
  return found
}

/** The inventory without these backups. */
export function without(
  ids: ReadonlySet<string>,
  { directories, forDisplay, storageTime, entries }: Inventory,
): Inventory {
  const stays = ({ id }: StoredDirectory) => !ids.has(id)
  return {
    directories: directories.filter(stays),
    forDisplay,
    storageTime,
    entries: ({ where = () => true, ...wanted } = {}) =>
      entries({ where: (stored) => stays(stored) && where(stored), ...wanted }),
  }
}
