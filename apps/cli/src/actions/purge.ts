import { openPlugin } from '../access/open-plugin.js'
import type { PurgeCommand } from '../config/command-options.js'
import { readSettings } from '../config/settings.js'
import type { Session } from '../session.js'
import { bytes, counted } from '../terminal/units.js'

/** `s3db-backup purge`: frees what deleted backups take whose grace time has passed. Needs no database. */
export async function purge({ terminal, signal }: Session, options: PurgeCommand): Promise<void> {
  const plugin = openPlugin(await readSettings(options, terminal))
  const report = await plugin.purgeDeleted({ dryRun: options.dryRun === true, signal })
  if (terminal.json) {
    terminal.document(report)
    return
  }
  if (terminal.quiet) {
    for (const { id } of report.purged) terminal.print(id)
    return
  }
  for (const { id, reasons } of report.kept) terminal.print(`${id} stays: ${reasons.join(', ')}`)
  const what = `${counted(report.purged.length, 'deleted backup')} (${bytes(report.bytes)})`
  if (report.purged.length === 0) terminal.print('There is nothing to remove for good.')
  else if (report.dryRun) terminal.print(`Dry run: nothing was removed. It would be ${what}.`)
  else terminal.print(`${terminal.colors.green('✓')} Removed for good: ${what}`)
}
