import { createHash } from 'node:crypto'
import type { BackupSelection, Manifest } from '../manifest.js'
import type { Description } from '../ports/source.js'

/** The name of the series of a database and a selection. */
export function seriesName(
  { identity, database }: Pick<Description, 'identity' | 'database'>,
  selection: BackupSelection,
): string {
  // The order of the names does not change the selection.
  const resources = selection.resources?.toSorted() ?? null
  const parts = [identity ?? database, resources, selection.exclude.toSorted(), selection.filter]
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16)
}

/** Whether a backup is of the database that a source would describe like this. */
export function isOf(
  { set, selection, database }: Pick<Manifest, 'set' | 'selection' | 'database'>,
  described: Pick<Description, 'identity' | 'database'>,
): boolean {
  if (selection !== undefined) return seriesName(described, selection) === set
  return seriesName({ database }, everything) === seriesName({ database: described.database }, everything)
}

const everything: BackupSelection = { resources: null, exclude: [], filter: null }
