import { BackupError, openCatalog } from '@s3db-backup/core'
import { drill } from './drill/drill.js'
import { type DrillOptions, parseDrillOptions } from './drill/drill-options.js'
import type { PluginContext } from './plugin-context.js'

/**
 * Tries out the newest complete backup, and keeps the report at the destination. Tells listeners how it went. Never
 * rejects: nobody waits for it.
 */
export async function drillNewest(
  context: PluginContext,
  options: Omit<DrillOptions, 'level' | 'signal'>,
  schedule: readonly string[],
): Promise<void> {
  try {
    const report = await context.running.during('drill', undefined, async (signal) => {
      const call = parseDrillOptions({ ...options, level: 'restore', storeReport: true, signal })
      return drill(context, await newestComplete(context, signal), call)
    })
    context.announce('plg:backup:drill', { schedule, ...report })
    if (!report.ok) context.logger()?.error({ schedule, id: report.id }, 'a drill found differences')
  } catch (error) {
    context.logger()?.error({ error, schedule }, 'a drill could not be made')
    context.announce('plg:backup:drill-error', { schedule, error })
  }
}

async function newestComplete({ destination }: PluginContext, signal: AbortSignal): Promise<string> {
  const { backups } = await openCatalog(destination.driver).list({ signal })
  const newest = backups.find(({ manifest }) => manifest.status === 'completed')
  if (newest !== undefined) return newest.id
  throw new BackupError('not_found', 'There is no complete backup to try out', { operation: 'verify' })
}
