import type { PurgeCommand } from '../command-options.js'
import { openPlugin } from '../open-plugin.js'
import type { Session } from '../session.js'
import { readSettings } from '../settings.js'
import { bytes, counted } from '../units.js'

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
