import { type BackupEvent, type ResourceEntry, restore, type Target } from '@s3db-backup/core'
import { parseOptions, readManifests, withoutCredentials } from '@s3db-backup/core/internal'
import type * as z from 'zod'
import type { PluginContext, Storage } from '../context/plugin-context.js'
import { runHook, runLateHook } from '../events/hooks.js'
import { type RestoreCall, restoreCallSchema } from '../options/call-options.js'
import { encrypting } from '../options/encryption.js'
import { partitionFilter } from '../options/partition-filter.js'
import { openedLate } from '../target/late-target.js'
import type { PluginRestore } from './results.js'

/**
 * `plugin.restore(id, options)`: brings a backup back into the plugin's database or into the one that
 * `target` (or `destination`, as the documentation also calls it) names.
 */
export async function restoreBackup(
  context: Omit<PluginContext, 'policy' | 'failures' | 'scratchFolder'>,
  backupId: string,
  options: RestoreCall,
): Promise<PluginRestore> {
  const call = parseOptions(restoreCallSchema, options, {
    what: 'options of restore()',
    operation: 'restore',
  })
  try {
    return await context.running.during(backupId, call.signal, async (signal) => {
      context.announce('plg:backup:phase', { id: backupId, phase: 'listing' })
      const chain = await readManifests({
        driver: context.destination.driver,
        id: backupId,
        ...encrypting(context),
        allowPlain: call.allowPlain,
        operation: 'restore',
        signal,
      })
      const backedUp = Object.values(chain.at(-1)?.resources ?? {})
      await runHook(context.config, 'onRestoreStart', backupId, { backupId, options: sayable(call) })
      const target = openedLate(call.target ?? call.destination, context.database(), {
        dryRun: call.dryRun === true,
        signal,
      })
      try {
        const result = await restoreInto(context, { backupId, backedUp, call, target, signal })
        context.announce('plg:backup:restore-complete', { ...result })
        await runLateHook(context, 'onRestoreComplete', backupId, { ...result })
        return result
      } finally {
        await target.close()
      }
    })
  } catch (error) {
    context.announce('plg:backup:restore-error', { id: backupId, error, dryRun: call.dryRun === true })
    await runLateHook(context, 'onRestoreError', backupId, { backupId, error })
    throw error
  }
}

/** The options as passed to hooks, which may log them: without the credentials of addresses. */
function sayable(call: RestoreCall): RestoreCall {
  const { target, destination } = call
  return {
    ...call,
    ...(typeof target === 'string' ? { target: withoutCredentials(target) } : {}),
    ...(typeof destination === 'string' ? { destination: withoutCredentials(destination) } : {}),
  }
}

interface Restoring {
  readonly backupId: string
  /** The resources that the backup has. */
  readonly backedUp: readonly ResourceEntry[]
  readonly call: z.output<typeof restoreCallSchema>
  readonly target: Target
  readonly signal: AbortSignal
}

async function restoreInto(
  context: Storage & Pick<PluginContext, 'announce' | 'config'>,
  restoring: Restoring,
): Promise<PluginRestore> {
  const { backupId, backedUp, call, target, signal } = restoring
  const { resources: names, exclude, allowIncomplete, ids, rename, partitions, dryRun = false } = call
  const { transform, intoSource } = call
  const selection = { ...(names ? { resources: names } : {}), ...(exclude === undefined ? {} : { exclude }) }
  const filter =
    partitions === undefined ? undefined : partitionFilter(partitions, backedUp, selection, 'restore')
  const verifies = call.verification ?? context.config.verification
  const onEvent = (event: BackupEvent) => {
    if (event.type === 'restore-start') {
      context.announce('plg:backup:restore-start', { id: backupId, resources: event.resources })
      context.announce('plg:backup:phase', { id: backupId, phase: 'writing' })
    } else if (event.type === 'restore-progress') {
      const { resource, records, selected, expected } = event
      context.announce('plg:backup:restore-progress', {
        ...{ id: backupId, resource, records, selected, expected },
      })
    } else if (event.type === 'restore-resource') {
      const { restored, replaced, skipped, removed } = event.report
      context.announce('plg:backup:restore-resource', {
        ...{ id: backupId, resource: event.resource, restored, replaced, skipped, removed },
      })
    }
    call.onEvent?.(event)
  }
  if (verifies) context.announce('plg:backup:phase', { id: backupId, phase: 'checking' })
  const { resources, internal, duration } = await restore({
    driver: context.destination.driver,
    id: backupId,
    ...encrypting(context),
    allowPlain: call.allowPlain,
    target,
    mode: call.mode ?? (call.overwrite === true ? 'merge' : 'skip'),
    dryRun,
    verify: verifies,
    ...selection,
    ...(filter === undefined ? {} : { filter }),
    transform,
    intoSource,
    ...(ids === undefined ? {} : { ids }),
    ...(rename === undefined ? {} : { rename }),
    ...(allowIncomplete === undefined ? {} : { allowIncomplete }),
    signal,
    onEvent,
  })
  return { id: backupId, backupId, restored: Object.keys(resources), resources, internal, dryRun, duration }
}
