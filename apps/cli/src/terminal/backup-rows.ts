import type { ListedBackup, PluginBackup } from '@s3db-backup/plugin-adapter'
import type { Column } from './layout.js'
import type { Colors } from './terminal.js'
import { bytes, count, instant } from './units.js'

/** The columns of a list of backups; the last ones are left out on a narrow screen. */
export const backupColumns: readonly Column[] = [
  { title: 'Backup ID' },
  { title: 'Type' },
  { title: 'Status' },
  { title: 'Resources', align: 'right' },
  { title: 'Records', align: 'right' },
  { title: 'Size', align: 'right' },
  { title: 'Created' },
]

export function backupRow(backup: ListedBackup, colors: Colors): string[] {
  if (backup.status === 'damaged') return [backup.id, '', status(backup, colors)]
  const { id, type, resources, records, compressed, timestamp } = backup
  const known = isReadable(backup) ? [String(resources.length), count(records)] : ['?', '?']
  const cells = [...known, bytes(compressed), instant(timestamp)]
  return [id, type, status(backup, colors), ...cells]
}

/** Without the key an encrypted backup tells neither its resources nor its records. */
export function isReadable({ encrypted, resources }: PluginBackup): boolean {
  return !encrypted || resources.length > 0
}

export function status({ status }: Pick<ListedBackup | PluginBackup, 'status'>, colors: Colors): string {
  if (status === 'completed') return colors.green('✓ completed')
  return status === 'incomplete' ? colors.yellow('! incomplete') : colors.red('✗ damaged')
}
