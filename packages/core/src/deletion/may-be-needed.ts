import { timeOfId } from '../format/backup-id.js'
import type { DamagedEntry } from '../inventory/catalog.js'

/** How far the clocks of those who make backups may be apart, in ms: a day. */
const clockSkew = 24 * 60 * 60 * 1000

/** The backups that may be needed: the age of one without a time is unknown. */
export interface MaybeNeeded {
  readonly id: string
  /** ISO 8601, UTC; taken from the id if the manifest cannot be read. */
  readonly exportedAt?: string | undefined
}

/**
 * The damaged backup that may build on this one, if any: a manifest that cannot be read does not say what its backup
 * builds on, so it may be anything older.
 */
export function mayBeNeededBy(
  { id, exportedAt }: MaybeNeeded,
  damaged: readonly DamagedEntry[],
): string | undefined {
  const made = exportedAt === undefined ? (timeOfId(id) ?? Number.NEGATIVE_INFINITY) : Date.parse(exportedAt)
  return damaged.find(
    (other) => other.id !== id && made <= (timeOfId(other.id) ?? Number.POSITIVE_INFINITY) + clockSkew,
  )?.id
}

/** Why something stays, for people. */
export function reasonToKeep(needing: string): string {
  return `${needing} may need it, and its manifest cannot be read; repair or delete ${needing}`
}
