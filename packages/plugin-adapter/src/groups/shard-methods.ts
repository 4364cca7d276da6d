import type {
  AbortedBackup,
  OpenedRestore,
  PlannedBackup,
  RestoreShardResult,
  ShardResult,
  ShardStatus,
} from '@s3db-backup/core'
import type { PluginContext } from '../context/plugin-context.js'
import {
  finishShardedRestore,
  type JoinRestoreCall,
  type OpenRestoreCall,
  openShardedRestore,
  writeShard,
} from '../operations/restore-shards.js'
import type { PluginBackup, PluginRestore } from '../operations/results.js'
import {
  abortShards,
  commitShards,
  type PlanCall,
  planShards,
  runOneShard,
  type ShardCall,
  statusOfShards,
} from '../operations/shards.js'

/** `plugin.shards`: backups and restores of several processes, each with a plugin of its own and the same configuration. */
export interface ShardMethods {
  /** Plans a backup. Any process that knows its id can run its shards. */
  plan(type: string, options: PlanCall): Promise<PlannedBackup>
  /** Reads and stores one shard, from 0. May be run again, and twice at once. */
  run(backupId: string, index: number, options?: ShardCall): Promise<ShardResult>
  /** Makes the backup of its shards. Throws `conflict`, `retriable`, while some are lacking. */
  commit(backupId: string, options?: ShardCall): Promise<PluginBackup>
  /** Checks a backup, makes the resources of a database, and cuts the restore into shards. */
  openRestore(backupId: string, options: OpenRestoreCall): Promise<OpenedRestore>
  /** Writes one shard of a restore, from 0. May be run again, and twice at once. */
  write(restoreId: string, index: number, options?: JoinRestoreCall): Promise<RestoreShardResult>
  /** Writes what comes once and last, and reports on all shards. Throws `conflict`, `retriable`, while some are lacking. */
  finishRestore(restoreId: string, options?: JoinRestoreCall): Promise<PluginRestore>
  /** How far it is. */
  status(backupId: string, options?: Pick<ShardCall, 'signal'>): Promise<ShardStatus>
  /** Gives it up, and removes what the shards have stored. */
  abort(backupId: string, options?: Pick<ShardCall, 'signal'>): Promise<AbortedBackup>
}

export function shardMethods(context: PluginContext): ShardMethods {
  return {
    plan: (type, options) => planShards(context, type, options),
    run: (backupId, index, options = {}) => runOneShard(context, backupId, index, options),
    commit: (backupId, options = {}) => commitShards(context, backupId, options),
    openRestore: (backupId, options) => openShardedRestore(context, backupId, options),
    write: (restoreId, index, options = {}) => writeShard(context, restoreId, index, options),
    finishRestore: (restoreId, options = {}) => finishShardedRestore(context, restoreId, options),
    status: (backupId, { signal } = {}) => statusOfShards(context, backupId, signal),
    abort: (backupId, { signal } = {}) => abortShards(context, backupId, signal),
  }
}
