import type { CatalogEntry } from '@s3db-backup/core'
import { storedSize } from '@s3db-backup/core/internal'
import type { Backup } from './backups.js'

/** The facts that a plan needs about a backup in a catalog. Encrypted backups need no key. */
export function catalogBackup({ id, manifest, manifestBytes, datedAhead }: CatalogEntry): Backup {
  return {
    id,
    startedAt: manifest.exportedAt,
    parent: manifest.parent,
    complete: manifest.status === 'completed',
    knownLosses: manifest.losses?.added === 0,
    series: manifest.set,
    datedAhead,
    bytes: storedSize({ manifest, manifestBytes }),
  }
}
