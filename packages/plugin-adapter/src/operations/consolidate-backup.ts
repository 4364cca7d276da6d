import { type BackupEvent, compression, consolidate, type Driver } from '@s3db-backup/core'
import { parseOptions } from '@s3db-backup/core/internal'
import * as z from 'zod'
import type { PluginContext, Storage } from '../context/plugin-context.js'
import { compressionSchema } from '../options/backup-call.js'
import { encrypting } from '../options/encryption.js'
import { describeBackup, type PluginBackup } from './results.js'

const consolidateCallSchema = z.strictObject({
  signal: z.instanceof(AbortSignal).optional(),
  compression: compressionSchema.optional(),
  verification: z.boolean().optional(),
  allowPlain: z.boolean().default(false),
})

/** Options of one `consolidate()` call; the plugin's own where left out. */
export type ConsolidateCall = z.input<typeof consolidateCallSchema>

/**
 * `plugin.consolidate(id, options)`: a new full backup of the state at the end of a chain. Listeners get the events of
 * a backup, with the end of the chain as `consolidates`. Hooks do not run: they are for work that reads the database.
 * Nothing is removed, not even by the retention policy.
 */
export async function consolidateBackup(
  context: Storage & Pick<PluginContext, 'announce' | 'config' | 'running'>,
  backupId: string,
  options: ConsolidateCall,
): Promise<PluginBackup> {
  const call = parseOptions(consolidateCallSchema, options, {
    what: 'options of consolidate()',
    operation: 'backup',
  })
  const { config, destination, announce } = context
  const codec = compression(call.compression ?? config.compression)
  let id = backupId
  const onEvent = (event: BackupEvent): void => {
    if (event.type === 'backup-start') {
      id = event.id
      const { resources, backupType: type } = event
      announce('plg:backup:start', { id, type, parent: null, resources, consolidates: backupId })
      announce('plg:backup:phase', { id, phase: 'reading' })
    } else if (event.type === 'backup-phase') {
      announce('plg:backup:phase', { id, phase: event.phase })
    } else if (event.type === 'backup-progress') {
      const { resource, records, expected, bytes } = event
      announce('plg:backup:progress', { id, type: 'full', resource, records, expected, bytes })
    }
  }
  const attempt = (driver: Driver, signal: AbortSignal) =>
    consolidate({
      driver,
      id: backupId,
      codecs: codec === undefined ? [] : [codec],
      ...encrypting(context),
      allowPlain: call.allowPlain,
      folder: destination.folder,
      verify: call.verification ?? config.verification,
      signal,
      onEvent,
    })
  let cancelled = (): boolean => false
  try {
    return await context.running.during(backupId, call.signal, async (signal) => {
      cancelled = () => signal.aborted
      const once = (driver: Driver) => attempt(driver, signal)
      const { carry, driver } = destination
      const result = await (carry === undefined ? once(driver) : carry(once, signal))
      // The new backup has the time of the chain's last one; the duration of the merge is a separate value.
      const made = { ...describeBackup(result, destination), duration: result.duration }
      announce('plg:backup:complete', { ...made, consolidates: backupId })
      return made
    })
  } catch (error) {
    const failed = { id, type: 'full', consolidates: backupId, error }
    if (cancelled()) announce('plg:backup:cancelled', failed)
    announce('plg:backup:error', failed)
    throw error
  }
}
