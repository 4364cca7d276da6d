/** What every call to a driver, source, target or codec is given. */
export interface Call {
  /** Aborts the call. Whatever is under way settles promptly with `signal.reason`. */
  readonly signal: AbortSignal
}

/** What a read is given. */
export interface GetCall extends Call {
  /** Where to begin, in bytes. Default 0. Only given to a driver that declares `range`. */
  readonly offset?: number
  /**
   * The reader is done with a chunk when it asks for the next one, so that a driver may fill the same memory again
   * instead of making garbage of it. A driver may pay no heed to this. Left out, chunks must stay as they are.
   */
  readonly reuse?: boolean
}

/** One stored object. */
export interface ObjectInfo {
  /** The whole key, below the place that the driver was configured for. Segments are separated by `/`. */
  readonly key: string
  /** Stored size in bytes. */
  readonly bytes: number
}

/** What a storage can do beyond the contract. A capability is declared data; core acts on it. */
export interface DriverCapabilities {
  /** `get` honours `offset`. A read that breaks off is then resumed, not begun again. */
  readonly range?: boolean
  /** The largest object the storage takes, in bytes. Core then splits what would be larger. */
  readonly maxObjectBytes?: number
}

/**
 * Where the bytes of a backup go. Four methods; core does the rest (keys are checked, bytes hashed,
 * compressed, encrypted and counted before a driver sees them).
 *
 * The contract, each sentence a case of `@s3db-backup/driver-testkit`:
 *
 * - `put` is atomic: `get` and `list` see the object only after it resolves, and nothing of it remains if it
 *   rejects. It reads the body once, at the storage's pace, and rejects with the body's own error.
 * - After `put` resolves, `get` and `list` see the object.
 * - `get` of a missing key rejects with `not_found` at the first read. Its chunks do not change after they were
 *   yielded, unless the reader allows it with `reuse`.
 * - `list` yields each key that begins with the prefix once, in any order; none for none.
 * - `delete` of a missing key resolves.
 * - On abort every call settles promptly with `signal.reason` and leaves nothing behind.
 * - Failures are `BackupError`s named by cause.
 */
export interface Driver {
  /** A short name for messages: `filesystem`, `s3`. */
  readonly name: string
  readonly capabilities?: DriverCapabilities
  /** Stores the body under the key. Resolves with the number of bytes stored, once they are durable. */
  put(key: string, body: AsyncIterable<Uint8Array>, call: Call): Promise<{ readonly bytes: number }>
  /** Yields the object's bytes, from `offset` if the driver declares `range`. */
  get(key: string, call: GetCall): AsyncIterable<Uint8Array>
  /** Yields every object whose key begins with `prefix`. */
  list(prefix: string, call: Call): AsyncIterable<ObjectInfo>
  /** Removes the object. A missing one is no error. */
  delete(key: string, call: Call): Promise<void>
  /** Releases connections and handles. Called at most once, by whoever made the driver. */
  close?(): Promise<void>
}
