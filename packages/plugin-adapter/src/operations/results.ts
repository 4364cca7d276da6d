import type {
  BackupError,
  CatalogEntry,
  DamagedEntry,
  Manifest,
  PruneReport,
  StorageWarning,
  WriteReport,
} from '@s3db-backup/core'
import type { PurgedBackup, Unfinished } from '@s3db-backup/core/internal'
import { parseBackupId, storedSize } from '@s3db-backup/core/internal'
import type { Destination } from '../options/destination.js'

/** A finished backup, as `backup()` gives it. Sizes in bytes, times in ms. */
export interface PluginBackup {
  readonly id: string
  readonly type: string
  readonly status: 'completed' | 'incomplete'
  /** Its place: a path or an address. */
  readonly path: string
  /** Their names. */
  readonly resources: readonly string[]
  /** Each resource's first file of rows, and under `metadata` the manifest. */
  readonly files: Readonly<Record<string, string>>
  /** Bytes before compression, the manifest included. */
  readonly size: number
  /** Bytes at the destination, the manifest included. */
  readonly compressed: number
  readonly records: number
  /** The number of objects that are not records (data of plugins, counters, history), by owner. */
  readonly internal: Readonly<Record<string, number>>
  readonly encrypted: boolean
  /** See {@link UnreadBackup}. */
  readonly unread?: undefined
  readonly duration: number
  /** SHA-256 of the manifest, which holds the hash of every other file. */
  readonly checksum: string
  /** The backup's start, ISO 8601, UTC. */
  readonly timestamp: string
  /** The moment of all records, ISO 8601, UTC; omitted if each is as it was when it was read. */
  readonly asOf?: string
  /** Of a backup of one moment that was just made: versions within two seconds of it, where the storage's clock decides. */
  readonly near?: number
  readonly parent: string | null
  /** Backups of one series are of the same database and selection. */
  readonly series: string
  /** Set on an incremental backup that was just made and became a full one, because it had no parent. */
  readonly fullInstead?: true
  /** In lists: an ancestor that it needs and that is not there, so that it cannot be restored. */
  readonly lacks?: string
  /** In lists: it is dated later than the storage's clock says it is now, and so the newest of nothing. */
  readonly datedAhead?: true
  /** Other places with a copy of it, including the manifest. While copies exist, the backup is not deleted. */
  readonly copies?: readonly { readonly path: string; readonly complete: boolean }[]
  readonly metadata: Manifest['metadata']
  readonly driverInfo: unknown
  /** Warnings about the storage, on a backup that was just made; omitted if there are none. */
  readonly warnings?: readonly StorageWarning[] | undefined
}

/** The fields of an encrypted backup that need the key. */
type Secret = 'resources' | 'records' | 'size' | 'internal' | 'metadata'

/** An encrypted backup that was not opened: the fields that need the key are `null`, and `unread` gives the reason. */
export interface UnreadBackup extends Omit<PluginBackup, Secret | 'unread'>, Readonly<Record<Secret, null>> {
  /** What is missing, and advice. */
  readonly unread: string
}

/** A backup as lists and `getBackupStatus()` show it. */
export type ListedBackup =
  | ((PluginBackup | UnreadBackup) & { readonly error: null })
  | { readonly id: string; readonly status: 'damaged'; readonly path: string; readonly error: BackupError }

/** The result of a restore, by resource. */
export interface PluginRestore {
  readonly id: string
  readonly backupId: string
  /** The names of the resources. */
  readonly restored: readonly string[]
  readonly resources: Readonly<Record<string, WriteReport>>
  /** The same for objects that are not records (data of plugins, counters, history), by owner. */
  readonly internal: Readonly<Record<string, WriteReport>>
  readonly dryRun: boolean
  /** In ms. */
  readonly duration: number
}

/** The backups that the retention policy removed, or would remove. */
export interface PluginCleanup extends PruneReport {
  /** How many backups were removed. */
  readonly count: number
  /** What abandoned backups had left behind. */
  readonly swept: readonly Unfinished[]
  /** Backups that were deleted before, whose grace time has passed: their files are gone now. */
  readonly purged: readonly PurgedBackup[]
  /** The total freed space, in bytes, without backups that can still be brought back. */
  readonly bytes: number
}

/** The common fields of a finished backup and an entry of the catalog. */
type Described = Pick<
  CatalogEntry,
  'directory' | 'manifest' | 'checksum' | 'manifestBytes' | 'datedAhead' | 'copies'
>

/** A backup in a list. */
export interface ListedEntry extends Described {
  /** It is encrypted, and no key opened it. */
  readonly closed?: true
}

const onlyTheKey = 'It is encrypted: give the key to see its resources and records'

/** The same of a backup that may be closed. */
export function describeListed(entry: ListedEntry, destination: Destination): PluginBackup | UnreadBackup {
  const { unread: _, ...described } = describeBackup(entry, destination)
  if (entry.closed !== true) return described
  return {
    ...described,
    ...{ resources: null, records: null, size: null, internal: null, metadata: null },
    unread: onlyTheKey,
  }
}

export function describeBackup(
  { directory, manifest, checksum, manifestBytes, datedAhead, copies = [] }: Described,
  destination: Destination,
): PluginBackup {
  const at = (file: string): string => destination.locate(`${directory}/${file}`)
  const resources = Object.values(manifest.resources)
  return {
    id: manifest.id,
    type: manifest.backupType,
    status: manifest.status,
    path: destination.locate(directory),
    resources: resources.map(({ name }) => name),
    files: {
      ...Object.fromEntries(resources.map(({ name, exportFile }) => [name, at(exportFile)])),
      metadata: at('s3db.json'),
    },
    size: sum(manifest.parts, 'contentBytes') + manifestBytes,
    compressed: storedSize({ manifest, manifestBytes }),
    records: sum(resources, 'recordCount'),
    internal: Object.fromEntries(
      Object.values(manifest.internal).map(({ name, recordCount }) => [name, recordCount]),
    ),
    encrypted: manifest.encryption !== undefined,
    duration: durationOf(manifest),
    checksum,
    timestamp: manifest.exportedAt,
    ...(manifest.asOf === undefined ? {} : { asOf: manifest.asOf }),
    parent: manifest.parent,
    series: manifest.set,
    ...(datedAhead === true ? { datedAhead } : {}),
    ...(copies.length === 0
      ? {}
      : {
          copies: copies.map((copy) => ({
            path: destination.locate(copy.directory),
            complete: copy.complete,
          })),
        }),
    metadata: manifest.metadata,
    driverInfo: destination.describe(directory),
  }
}

/**
 * How long it took, in ms. A merged chain has the time of its end, which may be long before it was merged; its id has
 * the start of the merge, to the second.
 */
function durationOf({ id, exportedAt, completedAt }: Manifest): number {
  const [from, to] = [Date.parse(exportedAt), Date.parse(completedAt)]
  const made = parseBackupId(id)?.startedAt.getTime() ?? from
  return to - (made > from && made <= to ? made : from)
}

function sum<K extends string>(items: readonly Readonly<Record<K, number>>[], key: K): number {
  return items.reduce((total, item) => total + item[key], 0)
}

export function describeDamaged(
  { id, directory, problem }: DamagedEntry,
  destination: Destination,
): ListedBackup {
  return { id, status: 'damaged', path: destination.locate(directory), error: problem }
}
