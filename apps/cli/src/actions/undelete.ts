import { isBackupError } from '@s3db-backup/core'
import { openPlugin } from '../access/open-plugin.js'
import type { PlaceOptions } from '../config/command-options.js'
import { readSettings } from '../config/settings.js'
import type { Session } from '../session.js'

/** `s3db-backup undelete <id>`: brings a deleted backup back. Needs no database. */
export async function undelete(
  { terminal, signal }: Session,
  id: string,
  options: PlaceOptions,
): Promise<void> {
  const plugin = openPlugin(await readSettings(options, terminal))
  const report = await plugin.undeleteBackup(id, { signal }).catch(namingTheList)
  if (terminal.json) terminal.document(report)
  else if (terminal.quiet) for (const each of report.undeleted) terminal.print(each)
  else if (report.undeleted.length === 0) terminal.print(`${id} is not deleted.`)
  else for (const each of report.undeleted) terminal.print(`${terminal.colors.green('✓')} ${each} is back`)
}

function namingTheList(error: unknown): never {
  if (!isBackupError(error, 'not_found')) throw error
  throw error.with({
    suggestion: "Check the id; 's3db-backup list --deleted' shows what undelete brings back.",
  })
}
