import type { LostRecord } from '@s3db-backup/core'

/** The outcome for the records of one resource. */
export interface UndoReport {
  /** Ids of records that are again what they were. */
  readonly broughtBack: readonly string[]
  /** Ids of records that were created since and are removed. */
  readonly removed: readonly string[]
  /** Records that somebody wrote after the plan was made. They have what that somebody wrote. */
  readonly changedMeanwhile: readonly string[]
  /** What could not be brought back, and why. */
  readonly failed: readonly LostRecord[]
  /** Why nothing of the resource could be brought back. */
  readonly refused?: string | undefined
}

/** A report while it is made. */
export function gather() {
  return {
    broughtBack: [] as string[],
    removed: [] as string[],
    changedMeanwhile: [] as string[],
    failed: [] as LostRecord[],
  }
}

export type Gathered = ReturnType<typeof gather>

/** How many records are read and written at once. */
export const atOnce = 16
