import { type CatalogEntry, isBackupError } from '@s3db-backup/core'
import { type Inventory, readManifest } from '@s3db-backup/core/internal'
import type { Storage } from '../../context/plugin-context.js'
import type { ListedEntry } from '../results.js'

/** One look at the destination. */
export interface Look {
  readonly inventory: Inventory
  readonly signal?: AbortSignal | undefined
}

/**
 * A backup with its whole manifest if the plugin's key opens it; else with what can be read without one. Throws `corrupt`
 * for a manifest that was altered.
 */
export async function readable(
  entry: CatalogEntry,
  { destination: { driver }, encryption }: Storage,
  look: Look,
): Promise<CatalogEntry & ListedEntry> {
  if (entry.manifest.encryption === undefined) return entry
  if (encryption === undefined) return { ...entry, closed: true }
  try {
    return await readManifest({ driver, id: entry.id, encryption, ...look })
  } catch (error) {
    if (isBackupError(error, 'undecryptable')) return { ...entry, closed: true }
    throw error
  }
}
