import type { PluginBackup } from '@s3db-backup/plugin-adapter'
import { isReadable, status } from './backup-rows.js'
import type { Terminal } from './terminal.js'
import { bytes, count, duration, instant } from './units.js'

/** `Label:  value` lines below a heading, values one under the other. */
export function printDetails(
  terminal: Terminal,
  heading: string,
  lines: readonly (readonly [label: string, value: string])[],
): void {
  const width = Math.max(...lines.map(([label]) => label.length)) + 1
  terminal.print(terminal.colors.bold(`${heading}:`))
  for (const [label, value] of lines) terminal.print(`  ${`${label}:`.padEnd(width)} ${value}`)
}

/** What there is to say of a backup in a few lines. */
export function backupDetails(backup: PluginBackup, { colors }: Terminal): [label: string, value: string][] {
  const notes = Object.entries(backup.metadata).map(
    ([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  )
  return [
    ['Backup ID', backup.id],
    ['Type', backup.type],
    ['Status', status(backup, colors)],
    ['Created', instant(backup.timestamp)],
    ...(backup.parent === null ? [] : ([['Parent', backup.parent]] as [string, string][])),
    ...(backup.encrypted ? ([['Encrypted', 'yes']] as [string, string][]) : []),
    ...contents(backup),
    ['Duration', duration(backup.duration)],
    ...(notes.length === 0 ? [] : ([['Metadata', notes.join(', ')]] as [string, string][])),
    ['Path', backup.path],
  ]
}

function contents(backup: PluginBackup): [label: string, value: string][] {
  if (!isReadable(backup))
    return [
      ['Resources', 'told with the key alone'],
      ['Size', bytes(backup.compressed)],
    ]
  return [
    ['Resources', backup.resources.length === 0 ? 'none' : backup.resources.join(', ')],
    ['Records', count(backup.records)],
    ['Size', `${bytes(backup.compressed)} (${bytes(backup.size)} before compression)`],
  ]
}
