import { isBackupError, openCatalog, type Unfinished, unfinished } from '@s3db-backup/core'
import type { PluginContext } from './plugin-context.js'
import { describeBackup, describeDamaged, type ListedBackup } from './results.js'
import { readable } from './stored-backups.js'

/**
 * A backup that has no manifest. `in-progress`: begun, by whatever process, and young enough to be under way.
 * `stale`: begun longer ago than the grace time, and abandoned. `failed`: of this process, and taken back.
 */
export interface UnfinishedBackup {
  readonly id: string
  readonly type: string
  readonly status: 'in-progress' | 'stale' | 'failed'
  readonly path: string
  /** Bytes that lie at the destination so far. */
  readonly size: number
  /** Its start, ISO 8601, UTC; unknown of one that failed. */
  readonly timestamp: string | null
  readonly error: unknown
}

export type BackupStatus = ListedBackup | UnfinishedBackup

/** `plugin.getBackupStatus(id)`: what is known of one backup, or `null`. Needs no database. */
export async function backupStatus(context: PluginContext, backupId: string): Promise<BackupStatus | null> {
  const { destination } = context
  try {
    const entry = await readable(await openCatalog(destination.driver).get(backupId), context, {})
    return { ...describeBackup(entry, destination), error: null }
  } catch (error) {
    if (isBackupError(error, 'not_found')) return withoutManifest(context, backupId)
    if (!isBackupError(error, 'corrupt') && !isBackupError(error, 'incompatible_format')) throw error
    return describeDamaged({ id: backupId, directory: backupId, problem: error }, destination)
  }
}

async function withoutManifest(context: PluginContext, backupId: string): Promise<UnfinishedBackup | null> {
  const { destination, failures } = context
  const begun = (await unfinished({ driver: destination.driver })).find(({ id }) => id === backupId)
  if (begun !== undefined) return describeUnfinished(begun, context)
  const failure = failures.get(backupId)
  if (failure === undefined) return null
  const path = destination.locate(backupId)
  return { id: backupId, status: 'failed', path, size: 0, timestamp: null, ...failure }
}

function describeUnfinished(
  { id, type, directory, startedAt, bytes }: Unfinished,
  { destination, config, running }: PluginContext,
): UnfinishedBackup {
  const young = Date.now() - Date.parse(startedAt) < config.staleAfter
  return {
    id,
    type,
    status: young || running.ids.has(id) ? 'in-progress' : 'stale',
    path: destination.locate(directory),
    size: bytes,
    timestamp: startedAt,
    error: null,
  }
}
