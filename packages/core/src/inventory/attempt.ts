/** One attempt at making a backup: what its notes at the destination say, and where they lie. */
export interface Attempt {
  readonly id: string
  /** Tells this attempt from any other one under the same id. */
  readonly claim: string
  readonly type: string
  readonly startedAt: Date
  /** Relative to the driver's root. */
  readonly directory: string
}
