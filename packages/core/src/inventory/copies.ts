import type { FinishedEntry } from './inventory-entry.js'

/**
 * Somebody copied a backup to another place of the destination, manifest and all: that is still one backup. The copy
 * where most objects lie stands for it; of several such, the first of the listing.
 */
export function withoutCopies(entries: readonly FinishedEntry[]): FinishedEntry[] {
  const chosen = new Map<string, FinishedEntry>()
  for (const entry of entries) {
    const which = `${entry.id} ${entry.checksum}`
    const other = chosen.get(which)
    if (other === undefined || entry.objects.length > other.objects.length) chosen.set(which, entry)
  }
  return [...chosen.values()]
}
