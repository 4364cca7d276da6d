import { type BackupEvent, backup, compression, parseOptions } from '@s3db-backup/core'
import { checkConnected } from './database.js'
import { notInstalled } from './open-target.js'
import { type PluginContext, runHook, runLateHook } from './plugin-context.js'
import { type BackupCall, backupCallSchema } from './plugin-options.js'
import { describeBackup, type PluginBackup } from './results.js'
import { databaseSource } from './source.js'

/**
 * `plugin.backup(type, options)`: makes a backup of the plugin's database at the plugin's destination, and
 * tells hooks and listeners. A hook that rejects before the work begins stops it; one that fails afterwards is
 * reported and changes nothing.
 */
export async function makeBackup(
  context: PluginContext,
  type: string,
  options: BackupCall,
): Promise<PluginBackup> {
  const call = parseOptions(backupCallSchema, options, { what: 'options of backup()', operation: 'backup' })
  const { config, destination } = context
  const database = context.database()
  if (database === undefined) throw notInstalled()
  checkConnected(database, 'backup')
  const codec = compression(call.compression ?? config.compression)
  const resources = call.resources ?? config.include ?? undefined
  let id = ''

  const onEvent = (event: BackupEvent) => {
    if (event.type === 'backup-start') {
      id = event.id
      context.announce('plg:backup:start', { id, type, resources: event.resources })
    } else if (event.type === 'backup-progress') {
      const { resource, records, expected, bytes } = event
      context.announce('plg:backup:progress', { id, type, resource, records, expected, bytes })
    }
  }

  try {
    return await context.running.during(type, call.signal, async (signal) => {
      await runHook(context, 'onBackupStart', type, { backupId: id, type })
      const result = await backup({
        source: databaseSource(database),
        driver: destination.driver,
        folder: destination.folder,
        type,
        codecs: codec === undefined ? [] : [codec],
        verify: call.verification ?? config.verification,
        exclude: [...(config.exclude ?? []), ...(call.exclude ?? [])],
        ...(resources === undefined ? {} : { resources }),
        ...(call.metadata === undefined ? {} : { metadata: call.metadata }),
        signal,
        onEvent,
      })
      const described = describeBackup(result, destination)
      context.announce('plg:backup:complete', { ...described })
      await runLateHook(context, 'onBackupComplete', type, { ...described, backupId: described.id })
      return described
    })
  } catch (error) {
    context.announce('plg:backup:error', { id, type, error })
    await runLateHook(context, 'onBackupError', type, { backupId: id, error })
    throw error
  }
}
