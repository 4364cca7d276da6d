import { firstKeyPart, keyGeneration } from '../format/key-files.js'
import { fileKey } from '../format/layout.js'
import type { ObjectInfo } from '../ports/driver.js'
import type { FinishedEntry } from './inventory-entry.js'
import type { BackupCopy } from './manifest-entry.js'

/**
 * A backup that was copied to another place of the destination, with its manifest, is still one backup. Of the
 * directories with one id and one manifest, the one with the most of its parts represents all; of several such the one
 * with the newest key file, since an older key may have been taken away; of several such the one whose path comes
 * first. It names the others. Different manifests under one id stay apart.
 */
export function withoutCopies(entries: readonly FinishedEntry[]): FinishedEntry[] {
  const groups = new Map<string, FinishedEntry[]>()
  for (const entry of entries) {
    const same = `${entry.id} ${entry.checksum}`
    groups.set(same, [...(groups.get(same) ?? []), entry])
  }
  return [...groups.values()].flatMap(oneOf)
}

function oneOf(copies: readonly FinishedEntry[]): readonly FinishedEntry[] {
  if (copies.length === 1) return copies
  const [chosen, ...others] = copies
    .map((entry) => ({ entry, missing: missingParts(entry) }))
    .sort(
      (a, b) =>
        a.missing - b.missing || newestKeys(b.entry) - newestKeys(a.entry) || byPath(a.entry, b.entry),
    )
  if (chosen === undefined) return []
  const named = others.map(({ entry, missing }): BackupCopy => {
    return { directory: entry.directory, complete: missing === 0 }
  })
  return [{ ...chosen.entry, copies: named }]
}

/**
 * How many of its parts a directory does not hold, or holds with another size. After a rotation the first key file may be
 * gone, and another one opens the backup.
 */
export function missingParts({
  directory,
  manifest,
  objects,
}: Pick<FinishedEntry, 'directory' | 'manifest' | 'objects'>): number {
  const sizes = new Map(objects.map(({ key, bytes }: ObjectInfo) => [key, bytes]))
  const keys = newestKeys({ directory, objects }) > 1 ? firstKeyPart(manifest) : undefined
  return manifest.parts.filter(
    (part) => part !== keys && sizes.get(fileKey(directory, part.file)) !== part.bytes,
  ).length
}

/** The generation of the newest key file in a directory; 0 if it has none. */
function newestKeys({ directory, objects }: Pick<FinishedEntry, 'directory' | 'objects'>): number {
  return Math.max(0, ...objects.map(({ key }) => keyGeneration(key.slice(directory.length + 1)) ?? 0))
}

function byPath(a: FinishedEntry, b: FinishedEntry): number {
  return Buffer.compare(Buffer.from(a.directory), Buffer.from(b.directory))
}
