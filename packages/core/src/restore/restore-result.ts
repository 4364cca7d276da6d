import type { WriteReport } from '../ports/target.js'

/** The result of a restore. */
export interface RestoreResult {
  readonly id: string
  /** The backups that were read, the full one first. */
  readonly chain: readonly string[]
  /** By resource, under the backup's names. */
  readonly resources: Readonly<Record<string, WriteReport>>
  /** The same for objects that are not records: data of plugins, counters, history. */
  readonly internal: Readonly<Record<string, WriteReport>>
  /** The requested ids for which the backup, or its selected part, has no record. */
  readonly notFound: readonly string[]
  /** How long it took, in ms. */
  readonly duration: number
}
