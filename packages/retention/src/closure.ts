/** Something that may need another to be restored. */
interface Link {
  readonly id: string
  readonly parent: string | null
}

/**
 * By id: the first kept backup that needs this one, for every ancestor of the kept ones. The backups are walked in the
 * given order, so that the newest names itself.
 */
export function neededBy(backups: readonly Link[], kept: ReadonlySet<string>): ReadonlyMap<string, string> {
  const parents = new Map(backups.map(({ id, parent }) => [id, parent]))
  const needed = new Map<string, string>()
  for (const { id, parent } of backups) {
    if (!kept.has(id)) continue
    let here = parent
    // If an ancestor is already included, so are its own ancestors.
    while (here !== null && parents.has(here) && !needed.has(here)) {
      needed.set(here, id)
      here = parents.get(here) ?? null
    }
  }
  return needed
}
