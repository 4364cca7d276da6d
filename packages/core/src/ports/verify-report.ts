import type { BackupError } from '../errors.js'

/**
 * The level of a verification. `quick`: every part exists and has its size. `stored`: every stored byte is read and
 * hashed. `full`: every part is also decoded, every line parsed and counted, and everything that a restore checks is
 * checked. For an encrypted backup, `quick` and `stored` need no key; with one they also prove that its manifest is
 * genuine.
 */
export type VerifyLevel = 'quick' | 'stored' | 'full'

/** The result of a verification. `ok` only if nothing is wrong. */
export interface VerifyReport {
  readonly id: string
  readonly level: VerifyLevel
  readonly ok: boolean
  /**
   * The backups that it builds on, the full one first. What a restore needs of them was checked as well. Empty if the
   * chain is broken: then `problems` has a `broken_chain`.
   */
  readonly ancestors: readonly string[]
  /** Parts of the backup itself whose presence and size were compared. */
  readonly files: number
  /**
   * The size of the backup, its manifest included, as lists tell it; all of it was read unless the level is `quick` or
   * a `subset` was asked for.
   */
  readonly bytes: number
  /** Records in its own parts of rows; 0 if they are encrypted and there is no key. */
  readonly records: number
  /**
   * Other directories that hold the backup, or one that it builds on, with its manifest. Only their names and sizes
   * were checked. Omitted if there are none.
   */
  readonly copies?:
    | readonly { readonly id: string; readonly directory: string; readonly complete: boolean }[]
    | undefined
  /** One error for each damaged or missing part, and for what does not fit together; `metadata` says where. */
  readonly problems: readonly BackupError[]
}
