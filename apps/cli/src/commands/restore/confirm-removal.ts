import type { BackupPlugin } from '@s3db-backup/plugin'
import type { ProgressMode } from '../../config/options.js'
import type { Session } from '../../session.js'
import { agreed } from '../../terminal/ask.js'
import { watchTime } from '../../terminal/progress.js'
import { count, counted } from '../../terminal/units.js'

export type RestoreCall = NonNullable<Parameters<BackupPlugin['restore']>[1]>

/** The confirmation for the records that `--mode replace` removes. */
export const removal = {
  undone: 'nothing was restored: --mode replace removes records that are not in the backup',
  suggestion: 'Add --yes. --dry-run counts the records.',
  operation: 'restore',
} as const

/** Counts what `replace` would remove, and asks if that is anything. */
export async function agreedToRemove(
  session: Session,
  plugin: BackupPlugin,
  id: string,
  { call, progress: mode }: { readonly call: RestoreCall; readonly progress: ProgressMode },
): Promise<boolean> {
  const progress = watchTime(session.terminal, { doing: 'Comparing', mode })
  const counting = { ...call, dryRun: true, verification: false }
  const { resources } = await plugin.restore(id, counting).finally(() => progress.stop())
  const counts = Object.entries(resources).filter(([, { removed }]) => removed > 0)
  if (counts.length === 0) return true
  const removed = counts.reduce((sum, [, report]) => sum + report.removed, 0)
  const where = counts.map(([name, report]) => `${name}: ${count(report.removed)}`).join(', ')
  const text = `${counted(removed, 'record')} that are not in the backup will be removed (${where}). Continue?`
  return agreed(session, { ...removal, text })
}
