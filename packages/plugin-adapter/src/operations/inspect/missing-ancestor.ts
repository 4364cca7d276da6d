import { type CatalogEntry, isBackupError } from '@s3db-backup/core'
import { catalogOf, type Inventory } from '@s3db-backup/core/internal'

/** The parent of a backup; `null` if it is a full one, `undefined` if its manifest was not read. */
type ParentOf = (id: string) => string | null | undefined | Promise<string | null | undefined>

/** An ancestor that a backup needs and the destination does not have, if there is one. */
interface Lacking {
  readonly lacks?: string
}

/** Finds the nearest missing ancestor of a backup. A backup with an unknown parent is only known to exist. */
export function missingAncestor(
  { directories }: Inventory,
  parentOf: ParentOf,
): (entry: Pick<CatalogEntry, 'id' | 'manifest'>) => Promise<Lacking> {
  const there = new Set(directories.filter(({ holding }) => holding === 'backup').map(({ id }) => id))
  return async ({ id, manifest: { parent } }) => {
    const seen = new Set([id])
    for (let next: string | null | undefined = parent; next != null && !seen.has(next); ) {
      if (!there.has(next)) return { lacks: next }
      seen.add(next)
      next = await parentOf(next)
    }
    return {}
  }
}

/** The same for a single backup: reads the manifests of its chain alone. */
export function missingAncestorOf(
  entry: Pick<CatalogEntry, 'id' | 'manifest'>,
  here: Inventory,
  signal?: AbortSignal | undefined,
): Promise<Lacking> {
  return missingAncestor(here, (id) => parentIn(here, id, signal))(entry)
}

async function parentIn(
  here: Inventory,
  id: string,
  signal: AbortSignal | undefined,
): Promise<string | null | undefined> {
  try {
    return (await catalogOf(here).get(id, { signal })).manifest.parent
  } catch (error) {
    if (isBackupError(error)) return undefined
    throw error
  }
}
