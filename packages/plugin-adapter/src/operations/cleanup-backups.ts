import { isBackupError, prune, type StorageWarning } from '@s3db-backup/core'
import { inventory, parseOptions, purge, sweep, without } from '@s3db-backup/core/internal'
import { catalogBackup, plan } from '@s3db-backup/retention'
import type { PluginContext } from '../context/plugin-context.js'
import type { Reporting } from '../events/announce.js'
import { type CleanupCall, cleanupCallSchema } from '../options/call-options.js'
import { upkeepDriver } from './deleted-backups.js'
import type { PluginCleanup } from './results.js'

type CleanupContext = Pick<PluginContext, 'config' | 'destination' | 'policy'>

/**
 * `plugin.cleanupBackups(options)`: removes the backups that the retention policy does not keep, each with a reason.
 * Without a policy no backup is removed. Then what was deleted longer than its grace time ago, and what
 * backups left behind that were abandoned longer than `staleAfter` ago. Needs no database.
 */
export async function cleanupBackups(context: CleanupContext, options: CleanupCall): Promise<PluginCleanup> {
  const { dryRun, force, deletionGrace, signal } = parseOptions(cleanupCallSchema, options, {
    what: 'options of cleanupBackups()',
    operation: 'cleanup',
  })
  const { destination, policy, config } = context
  const driver = upkeepDriver(destination)
  const here = await inventory(driver, { signal })
  const report = await prune({
    driver,
    inventory: here,
    plan: (entries, now) => plan(entries.map(catalogBackup), policy, now, { force }),
    dryRun,
    deletionGrace: deletionGrace ?? config.deletionGrace,
    ...(signal === undefined ? {} : { signal }),
  })
  const removed = report.dryRun ? [] : report.removed
  // A backup that can be undeleted still needs those that it builds on.
  const forGood = removed.filter(({ purgeAfter }) => purgeAfter === null)
  const { purged, bytes } = await purge({ driver, inventory: without(idsOf(forGood), here), dryRun, signal })
  const afterwards = without(idsOf(removed), here)
  const { swept } = await sweep({
    driver,
    inventory: afterwards,
    graceMs: config.staleAfter,
    dryRun,
    signal,
  })
  return { count: report.removed.length, ...report, purged, swept, bytes: report.bytes + bytes }
}

function idsOf(some: readonly { readonly id: string }[]): ReadonlySet<string> {
  return new Set(some.map(({ id }) => id))
}

/**
 * Cleans up after a backup. A failure here, even an abort, is reported to listeners, logged and returned as a warning.
 * It does not make the backup fail. Without a retention policy, only backups deleted longer than their grace time ago
 * are removed.
 */
export async function cleanupAfterBackup(
  context: CleanupContext & Reporting,
  signal: AbortSignal,
): Promise<StorageWarning | undefined> {
  const { retention, deletionGrace } = context.config
  if (retention === undefined && deletionGrace === 0) return undefined
  try {
    const { count, removed, purged } =
      retention === undefined
        ? { count: 0, removed: [], ...(await purge({ driver: upkeepDriver(context.destination), signal })) }
        : await cleanupBackups(context, { signal })
    if (count + purged.length > 0) context.announce('plg:backup:cleanup', { count, removed, purged })
    return undefined
  } catch (error) {
    context.logger()?.warn({ error }, 'old backups could not be removed')
    context.announce('plg:backup:cleanup-error', { error })
    const why = error instanceof Error ? error.message : String(error)
    return {
      code: 'cleanup_failed',
      driver: context.destination.type,
      message: `Old backups could not be removed: ${why}`,
      suggestion: isBackupError(error) ? error.suggestion : 'Run the cleanup again.',
      metadata: {},
    }
  }
}
