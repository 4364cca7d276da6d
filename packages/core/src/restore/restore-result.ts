import type { WriteReport } from '../ports/target.js'

/** What a restore did. */
export interface RestoreResult {
  readonly id: string
  /** The backups that were read, the full one first. */
  readonly chain: readonly string[]
  /** By resource, under the backup's names. */
  readonly resources: Readonly<Record<string, WriteReport>>
  /** The same of the objects that are no records: data of plugins, counters, history. */
  readonly internal: Readonly<Record<string, WriteReport>>
  /** Of the ids that were asked for: those of which the backup, or what was chosen of it, has no record. */
  readonly notFound: readonly string[]
  /** How long it took, in ms. */
  readonly duration: number
}
