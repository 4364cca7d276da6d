import type { OpenedBackup } from '@s3db-backup/core'
import type { BackupPlugin } from '@s3db-backup/plugin'

const most = 6
/** A backup opened longer ago is opened again, in ms: it may be gone. */
const fresh = 5 * 60 * 1000

/** Opening a backup lists the destination and reads a chain of manifests. Paging must not do that each time. */
export function openedBackups(
  plugin: BackupPlugin,
  signal: AbortSignal,
): (id: string) => Promise<OpenedBackup> {
  const known = new Map<string, { readonly at: number; readonly backup: Promise<OpenedBackup> }>()
  return (id) => {
    const found = known.get(id)
    if (found !== undefined && Date.now() - found.at < fresh) return found.backup
    const backup = plugin.open(id, { signal })
    known.delete(id)
    known.set(id, { at: Date.now(), backup })
    backup.catch(() => {
      if (known.get(id)?.backup === backup) known.delete(id)
    })
    const [oldest] = known.keys()
    if (known.size > most && oldest !== undefined) known.delete(oldest)
    return backup
  }
}
