import {
  finishRestore,
  type JoinRestoreOptions,
  type OpenedRestore,
  openRestore,
  type RestoreShardResult,
  restoreShard,
} from '@s3db-backup/core'
import { parseOptions } from '@s3db-backup/core/internal'
import * as z from 'zod'
import type { PluginContext } from '../context/plugin-context.js'
import { type RestoreCall, restoreCallSchema } from '../options/call-options.js'
import { encrypting } from '../options/encryption.js'
import { openedLate } from '../target/late-target.js'
import type { PluginRestore } from './results.js'

/** A restore that several processes do. */
export interface OpenRestoreCall extends Omit<RestoreCall, 'ids' | 'dryRun' | 'partitions' | 'onEvent'> {
  /** So many shards. */
  readonly shards: number
}

/** A process that takes part in a restore. */
export type JoinRestoreCall = Pick<RestoreCall, 'allowPlain' | 'target' | 'signal'>

const joinSchema = z.strictObject({
  allowPlain: restoreCallSchema.shape.allowPlain,
  target: restoreCallSchema.shape.target,
  signal: z.instanceof(AbortSignal).optional(),
})

export async function openShardedRestore(
  context: PluginContext,
  backupId: string,
  { shards, ...options }: OpenRestoreCall,
): Promise<OpenedRestore> {
  const call = parseOptions(restoreCallSchema, options, {
    what: 'options of a restore',
    operation: 'restore',
  })
  const { resources, exclude, rename, allowIncomplete, allowPlain } = call
  return withTarget(context, call, (target, signal) =>
    openRestore({
      driver: context.destination.driver,
      id: backupId,
      ...encrypting(context),
      allowPlain,
      target,
      mode: call.mode ?? (call.overwrite === true ? 'merge' : 'skip'),
      verify: call.verification ?? context.config.verification,
      resources: resources ?? undefined,
      exclude,
      rename,
      allowIncomplete,
      signal,
      shards,
    }),
  )
}

export function writeShard(
  context: PluginContext,
  restore: string,
  index: number,
  options: JoinRestoreCall,
): Promise<RestoreShardResult> {
  return joined(context, restore, options, (join) => restoreShard({ ...join, index }))
}

export async function finishShardedRestore(
  context: PluginContext,
  restore: string,
  options: JoinRestoreCall,
): Promise<PluginRestore> {
  const { id, resources, internal, duration } = await joined(context, restore, options, finishRestore)
  const restored = Object.keys(resources)
  const result = { id, backupId: id, restored, resources, internal, dryRun: false, duration }
  context.announce('plg:backup:restore-complete', { ...result })
  return result
}

function joined<T>(
  context: PluginContext,
  restore: string,
  options: JoinRestoreCall,
  work: (join: JoinRestoreOptions) => Promise<T>,
): Promise<T> {
  const call = parseOptions(joinSchema, options, { what: 'options of a restore', operation: 'restore' })
  const { driver } = context.destination
  const { allowPlain } = call
  return withTarget(context, call, (target, signal) =>
    work({ restore, driver, target, ...encrypting(context), allowPlain, signal }),
  )
}

async function withTarget<T>(
  context: PluginContext,
  { target: given, signal = new AbortController().signal }: Pick<RestoreCall, 'target' | 'signal'>,
  work: (target: JoinRestoreOptions['target'], signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const target = openedLate(given, context.database(), { dryRun: false, signal })
  try {
    return await work(target, signal)
  } finally {
    await target.close()
  }
}
