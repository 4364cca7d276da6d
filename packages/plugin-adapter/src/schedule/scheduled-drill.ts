import { BackupError, openCatalog } from '@s3db-backup/core'
import type { PluginContext } from '../context/plugin-context.js'
import { drillAndKeep } from '../drill/drill.js'
import { type DrillOptions, parseDrillOptions } from '../options/drill-options.js'

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
    const { report, unkept } = await context.running.during('drill', undefined, async (signal) => {
      const call = parseDrillOptions({ ...options, level: 'restore', storeReport: true, signal })
      return drillAndKeep(context, await newestComplete(context, signal), call)
    })
    context.announce('plg:backup:drill', { schedule, ...report })
    if (!report.ok) context.logger()?.error({ schedule, id: report.id }, 'a drill found differences')
    if (unkept !== undefined) tellUnkept(context, { schedule, id: report.id, error: unkept })
  } catch (error) {
    context.logger()?.error({ error, schedule }, 'a drill could not be made')
    context.announce('plg:backup:drill-error', { schedule, error })
  }
}

/** A drill that was made is no failed one because its report could not be kept. */
function tellUnkept(
  context: PluginContext,
  payload: { readonly schedule: readonly string[]; readonly id: string; readonly error: unknown },
): void {
  context.logger()?.error(payload, 'the report of a drill could not be kept')
  context.announce('plg:backup:drill-report-error', payload)
}

async function newestComplete({ destination }: PluginContext, signal: AbortSignal): Promise<string> {
  const { backups } = await openCatalog(destination.driver).list({ signal })
  const newest = backups.find(({ manifest }) => manifest.status === 'completed')
  if (newest !== undefined) return newest.id
  throw new BackupError('not_found', 'There is no complete backup to try out', { operation: 'verify' })
}
