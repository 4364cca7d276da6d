import { type Opening, openBackup } from '../chain/open-backup.js'
import type { Link } from '../chain/read-index.js'
import type { CatalogEntry } from '../inventory/manifest-entry.js'

/** Opens a backup, unless it has been opened already. */
export type OpenLink = (entry: CatalogEntry) => Promise<Link>

/** Opens each backup once, and one after the other: stretching a passphrase takes 128 MiB. */
export function openOnce(opening: Opening): OpenLink {
  const opened = new Map<string, Promise<Link>>()
  let last: Promise<unknown> = Promise.resolve()
  return (entry) => {
    const known = opened.get(entry.id)
    if (known !== undefined) return known
    const link = last.then(() => openBackup(entry, opening))
    opened.set(entry.id, link)
    last = link.catch(() => opened.delete(entry.id))
    return link
  }
}
