import type { Link } from '../chain/read-index.js'
import { seriesName } from '../chain/series.js'
import type { Attempt } from '../inventory/attempt.js'
import { type BackupSelection, formatName, type Manifest } from '../manifest.js'
import type { Description } from '../ports/source.js'
import { version } from '../version.js'
import type { Choices } from './backup-run.js'
import type { Output } from './begin-output.js'
import { type Exported, everyPart } from './export/export-resources.js'

/** A backup's content, once everything but its manifest is stored. */
export interface Made {
  readonly description: Description
  readonly series: string
  readonly chain: readonly Link[] | undefined
  readonly exported: Exported
  readonly readUntil: Date
  readonly completedAt: Date
  /** Whether every part was read back and compared. */
  readonly compared: boolean
  readonly losses: Manifest['losses']
}

/** The manifest of what was made. */
export function describeBackup(
  { description, series, chain, exported, readUntil, completedAt, compared, losses }: Made,
  run: Attempt & Choices,
  { encrypted }: Output,
): Manifest {
  const { origin } = description
  const asOf = origin === undefined ? description.asOf : origin.asOf
  return {
    version: '1.0',
    format: formatName,
    id: run.id,
    backupType: run.type,
    status: losses === undefined ? 'completed' : 'incomplete',
    ...(losses === undefined ? {} : { losses }),
    parent: chain?.at(-1)?.manifest.id ?? null,
    set: series,
    ...selectionOf(description, run),
    exportedAt: origin?.exportedAt ?? run.startedAt.toISOString(),
    completedAt: completedAt.toISOString(),
    compared,
    window: origin?.window ?? { from: run.startedAt.toISOString(), to: readUntil.toISOString() },
    ...(asOf === undefined ? {} : { asOf }),
    ...(origin === undefined ? {} : { consolidates: origin.backupId }),
    database: { ...description.database },
    resources: Object.fromEntries(exported.resources.map(({ entry }) => [entry.name, entry])),
    internal: Object.fromEntries(
      exported.internal.filter(({ parts }) => parts.length > 0).map(({ entry }) => [entry.name, entry]),
    ),
    parts: everyPart(exported, encrypted),
    metadata: run.metadata,
    ...(encrypted === undefined ? {} : { encryption: { ...encrypted.info } }),
    writer: { name: '@s3db-backup/core', version },
  }
}

/** The selection. For a merged chain it is that of its last backup, if recorded. */
function selectionOf(
  { origin }: Description,
  { selection: { resources, exclude }, filter }: Choices,
): { readonly selection?: BackupSelection } {
  if (origin !== undefined) return origin.selection === undefined ? {} : { selection: origin.selection }
  return {
    selection: {
      resources: resources?.slice() ?? null,
      exclude: exclude?.slice() ?? [],
      filter: filter?.label ?? null,
    },
  }
}

/** Backups of one series are of the same database and selection; only they can build on one another. */
export function seriesOf(
  { identity, database, origin }: Description,
  { selection, filter }: Choices,
): string {
  if (origin !== undefined) return origin.series
  return seriesName(
    { identity, database },
    {
      resources: selection.resources ?? null,
      exclude: selection.exclude ?? [],
      filter: filter?.label ?? null,
    },
  )
}
