import type { WriteReport } from '@s3db-backup/core'
import type { PluginBackup, PluginRestore } from '@s3db-backup/plugin-adapter'
import { printDetails } from '../backups.js'
import { internalName } from '../internal-name.js'
import { table } from '../layout.js'
import type { Terminal } from '../terminal.js'
import { count, counted, duration } from '../units.js'
import { printSentence } from '../wrapped.js'
import { printShortfalls } from './shortfall.js'

/** Says what a restore did, or would do. */
export function printRestore(
  terminal: Terminal,
  backup: Pick<PluginBackup, 'id'>,
  restored: PluginRestore,
): void {
  if (terminal.json) terminal.document(restored)
  else if (!terminal.quiet) printSummary(terminal, backup, restored)
}

function printSummary(terminal: Terminal, backup: Pick<PluginBackup, 'id'>, restored: PluginRestore): void {
  const kept = Object.values(restored.resources).reduce((sum, { skipped }) => sum + skipped, 0)
  const written = writtenInto(restored, kept)
  printOutcome(terminal, restored, written)
  terminal.print()
  printDetails(terminal, 'Restore Summary', [
    ['Backup ID', backup.id],
    [restored.dryRun ? 'Would restore' : 'Resources restored', written.join(', ') || 'none'],
    ['Total resources', String(written.length)],
    ['Duration', duration(restored.duration)],
  ])
  if (restored.restored.length + Object.keys(restored.internal).length > 0) printCounts(terminal, restored)
  if (kept > 0) terminal.print(keptInWords(kept, restored.dryRun))
  for (const [name, report] of Object.entries(restored.resources)) {
    if (report.kept !== undefined)
      terminal.print(`${counted(report.kept.count, 'record')} of ${name} stayed: ${report.kept.reason}.`)
    printShortfalls(terminal, name, report.shortfalls)
  }
}

function printOutcome(
  terminal: Terminal,
  { dryRun, restored }: PluginRestore,
  written: readonly string[],
): void {
  const { colors, print } = terminal
  if (dryRun) printSentence(terminal, 'Dry run: nothing was written. The restore would do this:')
  else if (restored.length > 0 && written.length === 0) print(`${colors.yellow('!')} Nothing was written`)
  else print(`${colors.green('✓')} Restore completed successfully`)
}

/** Where something was there already, only what was written into counts: a resource without records has nothing new. */
function writtenInto({ restored, resources }: PluginRestore, kept: number): readonly string[] {
  return restored.filter((name) => kept === 0 || isWritten(resources[name]))
}

function isWritten(report: WriteReport | undefined): boolean {
  return report !== undefined && report.restored + report.replaced + report.removed > 0
}

function keptInWords(kept: number, dryRun: boolean): string {
  const records = `${count(kept)} existing ${kept === 1 ? 'record' : 'records'}`
  const what = dryRun ? 'would be kept' : kept === 1 ? 'was kept' : 'were kept'
  return `${records} ${what}; --overwrite replaces ${kept === 1 ? 'it' : 'them'}.`
}

function printCounts({ colors, width, print }: Terminal, { resources, internal }: PluginRestore): void {
  print()
  const objects = Object.entries(internal).map(([name, report]) => [internalName(name), report] as const)
  const rows = [...Object.entries(resources), ...objects].map(([name, report]) => [
    name,
    count(report.restored),
    count(report.replaced),
    count(report.skipped),
    count(report.removed),
  ])
  const columns = [
    { title: 'Resource' },
    ...['Restored', 'Replaced', 'Kept', 'Removed'].map((title) => ({ title, align: 'right' as const })),
  ]
  print(table(columns, rows, { width, head: colors.bold }))
}
