import {
  type CatalogEntry,
  type PruneReport,
  parseOptions,
  prune,
  sweep,
  type Unfinished,
} from '@s3db-backup/core'
import { type Backup, plan } from '@s3db-backup/retention'
import type { PluginContext } from './plugin-context.js'
import { type CleanupCall, cleanupCallSchema } from './plugin-options.js'

/** What the retention policy removed, or would remove. */
export interface PluginCleanup extends PruneReport {
  /** How many backups were removed. */
  readonly count: number
  /** What abandoned backups had left behind. */
  readonly swept: readonly Unfinished[]
}

/**
 * `plugin.cleanupBackups(options)`: removes the backups that the retention policy gives up, each with a reason.
 * Without a policy no backup is removed. Then what backups left behind that were abandoned longer than
 * `staleAfter` ago. Needs no database.
 */
export async function cleanupBackups(context: PluginContext, options: CleanupCall): Promise<PluginCleanup> {
  const { dryRun, force, signal } = parseOptions(cleanupCallSchema, options, {
    what: 'options of cleanupBackups()',
    operation: 'cleanup',
  })
  const { destination, policy } = context
  const driver = destination.pruneDriver ?? destination.driver
  const report = await prune({
    driver,
    plan: (entries, now) => plan(entries.map(toBackup), policy, now, { force }),
    dryRun,
    ...(signal === undefined ? {} : { signal }),
  })
  const { swept } = await sweep({ driver, graceMs: context.config.staleAfter, dryRun, signal })
  return { count: report.removed.length, ...report, swept }
}

function toBackup({ id, manifest, manifestBytes }: CatalogEntry): Backup {
  return {
    id,
    startedAt: manifest.exportedAt,
    parent: manifest.parent,
    complete: manifest.status === 'completed',
    set: manifest.set,
    bytes: manifest.parts.reduce((sum, part) => sum + part.bytes, manifestBytes),
  }
}

/** After a backup: what fails here is told to listeners and logged, and does not make the backup fail. */
export async function cleanupAfterBackup(context: PluginContext): Promise<void> {
  if (context.config.retention === undefined) return
  try {
    const { count, removed } = await cleanupBackups(context, {})
    if (count > 0) context.announce('plg:backup:cleanup', { count, removed })
  } catch (error) {
    context.logger()?.warn({ error }, 'old backups could not be removed')
    context.announce('plg:backup:cleanup-error', { error })
  }
}
