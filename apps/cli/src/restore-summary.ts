import type { PluginBackup, PluginRestore } from '@s3db-backup/plugin-adapter'
import { printDetails } from './details.js'
import { table } from './table.js'
import type { Terminal } from './terminal.js'
import { count, duration } from './units.js'

/** Says what a restore did, or would do. */
export function printRestore(terminal: Terminal, backup: PluginBackup, restored: PluginRestore): void {
  if (terminal.json) terminal.document(restored)
  else if (!terminal.quiet) printSummary(terminal, backup, restored)
}

function printSummary(terminal: Terminal, backup: PluginBackup, restored: PluginRestore): void {
  const { colors, width } = terminal
  if (restored.dryRun) terminal.print('Dry run: nothing was written. This is what a restore would do.')
  else terminal.print(`${colors.green('✓')} Restore completed successfully`)
  terminal.print()
  printDetails(terminal, 'Restore Summary', [
    ['Backup ID', backup.id],
    ['Resources restored', restored.restored.join(', ') || 'none'],
    ['Total resources', String(restored.restored.length)],
    ['Duration', duration(restored.duration)],
  ])
  if (restored.restored.length === 0) return
  terminal.print()
  const rows = Object.entries(restored.resources).map(([name, report]) => [
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
  terminal.print(table(columns, rows, { width, head: colors.bold }))
}
