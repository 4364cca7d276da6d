import { inventory } from '@s3db-backup/core/internal'
import type { PluginContext, Storage } from '../../context/plugin-context.js'
import type { ListCall } from '../../options/call-options.js'
import type { ListedBackup } from '../results.js'
import { listBackups } from './list-backups.js'
import { listUnfinished, type UnfinishedBackup } from './status.js'

/** The contents of a destination. */
export interface Overview {
  /** Those that match, newest first. */
  readonly backups: readonly ListedBackup[]
  /** All that was begun and has no manifest. */
  readonly unfinished: readonly UnfinishedBackup[]
}

/** `plugin.overview(options)`: the backups and what never became one, from one listing. */
export async function overview(
  context: Storage & Pick<PluginContext, 'config' | 'failures' | 'running'>,
  options: ListCall,
): Promise<Overview> {
  const { driver, manifests: cache } = context.destination
  const { signal } = options
  const here = await inventory(driver, { signal, cache, staleAfter: context.config.staleAfter })
  const [backups, unfinished] = await Promise.all([
    listBackups(context, options, here),
    listUnfinished(context, { unfinished: true, signal }, here),
  ])
  return { backups, unfinished }
}
