import {
  type AbortedBackup,
  abortBackup,
  BackupError,
  type Compression,
  commitBackup,
  compression,
  type OnEvent,
  type PlannedBackup,
  planBackup,
  runShard,
  type ShardOptions,
  type ShardResult,
  type ShardStatus,
  shardStatus,
} from '@s3db-backup/core'
import { createBackupId, parseBackupId, parseOptions } from '@s3db-backup/core/internal'
import { databaseSource } from '@s3db-backup/s3db'
import { checkConnected } from '@s3db-backup/s3db/internal'
import * as z from 'zod'
import type { PluginContext } from '../context/plugin-context.js'
import {
  type BackupCall,
  backupCallSchema,
  type CheckedCall,
  compressionSchema,
  selectionOf,
} from '../options/backup-call.js'
import { encrypting } from '../options/encryption.js'
import { type WantedPartitions, wantedPartitionsSchema } from '../options/partition-filter.js'
import { notInstalled } from '../target/open-target.js'
import { coreOptions, filterOf } from './core-options.js'
import { tellListeners } from './make-backup.js'
import { describeBackup, type PluginBackup } from './results.js'

/** A backup that several processes make. */
export interface PlanCall extends Omit<BackupCall, 'dryRun'> {
  /** So many shards. Where there is less to read, some are empty. */
  readonly shards: number
  /** The id of the backup, if the processes that run the shards need to know it in advance. */
  readonly id?: string | undefined
}

/** A process that takes part in a backup. */
export interface ShardCall {
  /** As for the plan. */
  readonly compression?: Compression | undefined
  /** As for the plan. */
  readonly partitions?: WantedPartitions | undefined
  readonly signal?: AbortSignal | undefined
  readonly onEvent?: OnEvent | undefined
}

const shardCallSchema = z.strictObject({
  compression: compressionSchema.optional(),
  partitions: wantedPartitionsSchema.optional(),
  signal: z.instanceof(AbortSignal).optional(),
  onEvent: z.custom<OnEvent>((value) => typeof value === 'function', 'must be a function').optional(),
})

const never = () => new AbortController().signal

export async function planShards(
  context: PluginContext,
  type: string,
  { shards, id = createBackupId(type, new Date()), ...options }: PlanCall,
): Promise<PlannedBackup> {
  const call = parseOptions(backupCallSchema, options, { what: 'options of a plan', operation: 'backup' })
  checkOneDestination(context)
  checkPresent(call, context)
  const source = sourceOf(context)
  const codec = compression(call.compression ?? context.config.compression)
  const selection = selectionOf(type, call, context.config)
  const signal = call.signal ?? never()
  const given = await coreOptions(context, { type, call, selection, codec, source, signal })
  const onEvent = tellListeners(context.announce, type)
  return planBackup({ ...given, id, driver: context.destination.driver, shards, onEvent })
}

export async function runOneShard(
  context: PluginContext,
  backupId: string,
  index: number,
  options: ShardCall,
): Promise<ShardResult> {
  return runShard({ ...(await shardOptions(context, backupId, options)), index })
}

export async function commitShards(
  context: PluginContext,
  backupId: string,
  options: ShardCall,
): Promise<PluginBackup> {
  const result = await commitBackup(await shardOptions(context, backupId, options))
  const made = describeBackup(result, context.destination)
  context.announce('plg:backup:complete', { ...made })
  return made
}

export function abortShards(
  { destination: { driver, folder } }: Pick<PluginContext, 'destination'>,
  id: string,
  signal?: AbortSignal,
): Promise<AbortedBackup> {
  return abortBackup({ id, driver, folder, signal })
}

export function statusOfShards(
  { destination: { driver, folder } }: Pick<PluginContext, 'destination'>,
  id: string,
  signal?: AbortSignal,
): Promise<ShardStatus> {
  return shardStatus({ id, driver, folder, signal })
}

async function shardOptions(context: PluginContext, id: string, options: ShardCall): Promise<ShardOptions> {
  const call = parseOptions(shardCallSchema, options, { what: 'options of a shard', operation: 'backup' })
  checkOneDestination(context)
  const { config, destination } = context
  const source = sourceOf(context)
  const signal = call.signal ?? never()
  const codec = compression(call.compression ?? config.compression)
  const filter = await filterOf({ call, selection: { exclude: [] }, source, signal })
  const tell = tellListeners(context.announce, parseBackupId(id)?.type ?? 'full')
  return {
    id,
    source,
    driver: destination.driver,
    folder: destination.folder,
    codecs: codec === undefined ? [] : [codec],
    ...encrypting(context),
    filter,
    signal,
    onEvent(event) {
      tell(event)
      call.onEvent?.(event)
    },
  }
}

function sourceOf(context: PluginContext) {
  const database = context.database()
  if (database === undefined) throw notInstalled()
  checkConnected(database, 'backup')
  return databaseSource(database, {
    onWarning: (warning) => context.announce('plg:backup:warning', { ...warning }),
  })
}

/** Each process reads its shards at a time of its own. With `auto`, the manifest says no moment. */
function checkPresent({ at, snapshot }: CheckedCall, { config }: Pick<PluginContext, 'config'>): void {
  if (at === undefined && (snapshot ?? config.snapshot) !== 'versions') return
  throw new BackupError(
    'unsupported',
    'A backup in shards cannot be of one moment: each process reads at a time of its own',
    {
      operation: 'backup',
      suggestion:
        'For one moment take the backup in one process. For shards leave `at` out and set snapshot to none or auto.',
    },
  )
}

/** Which of several places has which part, only the process knows that wrote all of them. */
function checkOneDestination({ destination }: Pick<PluginContext, 'destination'>): void {
  if (destination.replicas === undefined) return
  throw new BackupError(
    'unsupported',
    'A backup in shards goes to one destination, and several are configured',
    {
      operation: 'backup',
      suggestion:
        'Configure one of them for the processes of the shards. Afterwards, with all of them configured, sync copies the backup to the others.',
    },
  )
}
