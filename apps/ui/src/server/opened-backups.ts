import { isBackupError, type OpenedBackup } from '@s3db-backup/core'
import type { BackupPlugin } from '@s3db-backup/plugin'

const most = 6
/** A backup opened longer ago is opened again, in ms: it may be gone. */
const fresh = 5 * 60 * 1000

export interface OpenedBackups {
  /** Opens a backup as it is now. */
  anew(id: string): Promise<OpenedBackup>
  /**
   * Reads from a backup that was opened a moment ago: opening one lists the destination and reads a chain of manifests,
   * and paging must not do that each time. A failure counts only once the backup was opened anew: it may have been
   * deleted since, or have another key.
   */
  read<T>(id: string, work: (backup: OpenedBackup) => Promise<T>): Promise<T>
}

export function openedBackups(plugin: BackupPlugin, signal: AbortSignal): OpenedBackups {
  const known = new Map<string, { readonly at: number; readonly backup: Promise<OpenedBackup> }>()
  const anew = (id: string) => {
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
  return {
    anew,
    async read(id, work) {
      const found = known.get(id)
      if (found === undefined || Date.now() - found.at >= fresh) return work(await anew(id))
      try {
        return await work(await found.backup)
      } catch (error) {
        if (!isBackupError(error)) throw error
        return work(await anew(id))
      }
    },
  }
}
