import type { BackupError } from '@s3db-backup/core'
import type { SignOff } from './sign-off.js'

/** The findings of a drill about one resource, in records. */
export interface DrilledResource {
  /** Records that the backup has. */
  readonly records: number
  /** How many of these were found in the scratch database. */
  readonly compared: number
  /** Records that came back otherwise or did not come back. */
  readonly different: number
  /** Ids of the first ten of those. */
  readonly examples: readonly string[]
}

/** The findings of a drill, before the report is signed off. */
export interface DrillFindings {
  readonly format: 's3db-backup-drill/1'
  readonly id: string
  readonly level: 'restore'
  readonly ok: boolean
  /** ISO 8601, UTC. */
  readonly startedAt: string
  /** The total duration, in ms. */
  readonly duration: number
  /** In ms: reading, checking and writing the records, and reading both sides again to compare them. */
  readonly durations: { readonly restore: number; readonly compare: number }
  /** The backups that were read, the full one first. */
  readonly chain: readonly string[]
  /** The requested resources; `null` for all. */
  readonly selection: {
    readonly resources: readonly string[] | null
    readonly exclude: readonly string[]
  }
  /** Where the records were restored to. */
  readonly scratch: 'disk' | 'memory' | 'database'
  readonly versions: { readonly backup: string; readonly s3db: string | null; readonly node: string }
  readonly resources: Readonly<Record<string, DrilledResource>>
  /** Why there is nothing, or not everything, to compare, if so. */
  readonly problems: readonly BackupError[]
}

/** What came of a drill, ready for `JSON.stringify`. Names no person and no machine, except for who signs it off. */
export interface DrillReport extends DrillFindings {
  readonly signOff: SignOff
}

/**
 * The same findings without the names of resources and records and without messages, which may hold them: what
 * may lie beside a backup whose own names are encrypted.
 */
export function withoutNames(findings: DrillFindings): Omit<DrillFindings, 'problems'> & {
  readonly problems: readonly { readonly code: string }[]
} {
  const { resources, selection, problems, ...rest } = findings
  const counts = Object.values(resources).map((found, index) => [`#${index + 1}`, { ...found, examples: [] }])
  return {
    ...rest,
    selection: { resources: selection.resources === null ? null : [], exclude: [] },
    resources: Object.fromEntries(counts),
    problems: problems.map(({ code }) => ({ code })),
  }
}
