import { type RemoveReport, remove } from '@s3db-backup/core'
import {
  type DeletedBackup as CoreDeleted,
  deleted,
  type PurgeReport,
  parseOptions,
  purge,
  type UndeleteReport,
  undelete,
} from '@s3db-backup/core/internal'
import type { Announce } from '../events/announce.js'
import { type ListDeletedCall, listDeletedCallSchema } from '../options/call-options.js'
import type { Destination } from '../options/destination.js'
import type { PluginConfig } from '../options/plugin-options.js'

/* Deleting backups, and those that were deleted with a grace time. Needs no database. */

/** A backup that was deleted and can be brought back. */
export interface DeletedBackup {
  readonly id: string
  readonly type: string
  readonly status: 'deleted'
  /** Where its files lie: a path or an address. */
  readonly path: string
  /** Bytes that they take until it is gone for good. */
  readonly size: number
  /** Its start, ISO 8601, UTC; unknown of one that was damaged. */
  readonly timestamp: string | null
  readonly parent: string | null
  /** ISO 8601, UTC. */
  readonly deletedAt: string
  /** From then on a cleanup removes it for good, ISO 8601, UTC. */
  readonly purgeAfter: string
  /** Why it was deleted, if a policy said so. */
  readonly reasons: readonly string[]
  /** Whether all its files are still there. If not, it cannot be brought back. */
  readonly complete: boolean
  /** `null` for one that was damaged, of which nobody knows. */
  readonly encrypted: boolean | null
  /** Only what has a manifest has one. */
  readonly checksum: null
  readonly error: null
}

/** Options of one `deleted.restore()` or `deleted.purge()` call. */
export interface UndeleteCall {
  readonly signal?: AbortSignal | undefined
}

/** The deleted backups of a destination, the one that was deleted last first. */
export async function listDeleted(
  destination: Destination,
  options: ListDeletedCall,
): Promise<DeletedBackup[]> {
  const { driver } = destination
  const {
    prefix = '',
    limit,
    signal,
  } = parseOptions(listDeletedCallSchema, options, {
    what: 'options of deleted.list()',
    operation: 'list',
  })
  const entries = await deleted({ driver, signal })
  const wanted = entries.filter(({ id }) => id.startsWith(prefix)).slice(0, limit)
  return wanted.map((entry) => describeDeleted(entry, destination))
}

export function describeDeleted(
  { id, directory, manifest, bytes, parent, deletedAt, purgeAfter, reasons, complete }: CoreDeleted,
  destination: Destination,
): DeletedBackup {
  return {
    id,
    type: manifest?.backupType ?? '',
    status: 'deleted',
    path: destination.locate(directory),
    size: bytes,
    timestamp: manifest?.exportedAt ?? null,
    parent,
    deletedAt,
    purgeAfter,
    reasons,
    complete,
    encrypted: manifest === undefined ? null : manifest.encryption !== undefined,
    checksum: null,
    error: null,
  }
}

/** Options of one `deleteBackup()` call. */
export interface DeleteCall {
  /** Also a backup that others build on, which then can be restored no more, or that is in use. Default `false`. */
  readonly force?: boolean | undefined
  /** How long it can be brought back, in ms; 0: not at all. Default: the plugin's `deletionGrace`. */
  readonly deletionGrace?: number | undefined
  readonly signal?: AbortSignal | undefined
}

export interface DeleteContext {
  readonly destination: Destination
  readonly config: Pick<PluginConfig, 'deletionGrace'>
  readonly announce: Announce
}

/** `plugin.deleteBackup(id, options)`: not one that others build on or that is in use, unless by force. */
export async function deleteStored(
  { destination, config, announce }: DeleteContext,
  backupId: string,
  { force, deletionGrace = config.deletionGrace, signal }: DeleteCall,
): Promise<RemoveReport> {
  const driver = upkeepDriver(destination)
  const report = await remove({ driver, id: backupId, deletionGrace, force, signal })
  announce('plg:backup:deleted', { ...report })
  return report
}

/** `plugin.deleted.restore(id)`. */
export async function undeleteStored(
  { destination, announce }: Pick<DeleteContext, 'destination' | 'announce'>,
  backupId: string,
  { signal }: UndeleteCall,
): Promise<UndeleteReport> {
  const report = await undelete({ driver: upkeepDriver(destination), id: backupId, signal })
  announce('plg:backup:undeleted', { ...report })
  return report
}

/** `plugin.deleted.purge()`. */
export async function purgeDeleted(
  destination: Destination,
  { dryRun, signal }: UndeleteCall & { readonly dryRun?: boolean | undefined },
): Promise<PurgeReport> {
  return purge({ driver: upkeepDriver(destination), dryRun, signal })
}

/** Where backups are removed, and brought back, every replica must be seen. */
export function upkeepDriver({ pruneDriver, driver }: Destination): Destination['driver'] {
  return pruneDriver ?? driver
}
