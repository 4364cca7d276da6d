import type { BackupPlugin } from '@s3db-backup/plugin'
import { namingDeleted } from '../access/find-backup.js'
import { openPlugin } from '../access/open-plugin.js'
import type { ConsolidateCommand } from '../config/command-options.js'
import { readSettings } from '../config/settings.js'
import type { Session } from '../session.js'
import { watchProgress } from '../terminal/progress.js'
import { printBackup } from './backup.js'

type Call = NonNullable<Parameters<BackupPlugin['consolidate']>[1]>

/** `s3db-backup consolidate <id>`: merges a chain into a new full backup. Needs no database. */
export async function consolidate(session: Session, id: string, options: ConsolidateCommand): Promise<void> {
  const { terminal, signal } = session
  const plugin = openPlugin(await readSettings(options, terminal))
  const progress = watchProgress(plugin, terminal, { doing: 'Merging', mode: options.progress })
  const { compression, verify } = options
  const call: Call = {
    signal,
    allowPlain: options.allowPlain === true,
    // The plugin checks the name and knows the nearest.
    ...(compression === undefined ? {} : { compression: compression as NonNullable<Call['compression']> }),
    ...(verify ? {} : { verification: false }),
  }
  const made = await namingDeleted(plugin, () => plugin.consolidate(id, call)).finally(() => progress.stop())
  printBackup(session, made)
}
