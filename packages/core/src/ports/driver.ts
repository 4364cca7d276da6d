/** What every call to a driver, source, target or codec is given. */
export interface Call {
  /** Aborts the call. Whatever is under way settles promptly with `signal.reason`. */
  readonly signal: AbortSignal
}

/**
 * What an object is to its backup:
 *
 * - `part`: records. Read by a restore, a verification and a comparison, and by nothing else.
 * - `index`: what later backups read: key indexes, deletions, offsets.
 * - `keys`: wrapped keys of an encrypted backup.
 * - `manifest`: the description whose presence makes a backup.
 * - `note`: a small object beside a backup: that it was begun, failed or was deleted.
 * - `lease`: a note that a process uses or removes backups. It belongs to no backup.
 * - `report`: what a drill or a check found. It belongs to no backup.
 */
export type ObjectKind = 'part' | 'index' | 'keys' | 'manifest' | 'note' | 'lease' | 'report'

/** All kinds that this version knows. */
export const objectKinds: readonly ObjectKind[] = [
  'part',
  'index',
  'keys',
  'manifest',
  'note',
  'lease',
  'report',
]

/** The arguments of a write. */
export interface PutCall extends Call {
  /**
   * The kind of the object. A driver may act on it (storage class, placement) or ignore it. It treats an unknown kind
   * as `index`: later versions may add kinds.
   */
  readonly kind: ObjectKind
  /** The object is the first of a new backup. A driver of several places lets the first of them decide between two. */
  readonly begins?: boolean | undefined
}

/** The arguments of a read. */
export interface GetCall extends Call {
  /** The kind of the object, as in {@link PutCall}. */
  readonly kind: ObjectKind
  /** Where to begin, in bytes. Default 0. Only given to a driver that declares `range`. */
  readonly offset?: number | undefined
  /**
   * How many bytes to read, 1 or more; fewer come where the object ends. Default: to the object's end. Only given to a
   * driver that declares `range`.
   */
  readonly length?: number | undefined
  /**
   * The reader is done with a chunk when it asks for the next one, so that a driver may fill the same memory again
   * instead of making garbage of it. A driver may pay no heed to this. Left out, chunks must stay as they are.
   */
  readonly reuse?: boolean | undefined
}

/** The arguments of a listing. */
export interface ListCall extends Call {
  /**
   * The prefix is the directory of a backup about to be made under a new id, so there is no need to look for it
   * elsewhere. A driver may ignore this.
   */
  readonly begins?: boolean | undefined
}

/** One stored object. */
export interface ObjectInfo {
  /** The whole key, below the place that the driver was configured for. Segments are separated by `/`. */
  readonly key: string
  /** Stored size in bytes. */
  readonly bytes: number
  /**
   * Opaque text that identifies the state of the object: it stays the same until the key holds other bytes. Omitted by
   * a storage without such a text.
   */
  readonly stamp?: string | undefined
}

/** What a storage can do beyond the contract. A capability is declared data; core acts on it. */
export interface DriverCapabilities {
  /** `get` honours `offset` and `length`. A read that breaks off is then resumed, not begun again. */
  readonly range?: boolean | undefined
  /** The largest object the storage takes, in bytes. Core then splits what would be larger. */
  readonly maxObjectBytes?: number | undefined
}

/**
 * Where the bytes of a backup go. Four methods; core does the rest (it says what each object is; keys are checked,
 * bytes hashed, compressed, encrypted and counted before a driver sees them).
 *
 * The contract, each sentence a case of `@s3db-backup/driver-testkit`:
 *
 * - `put` is atomic: `get` and `list` see the object only after it resolves, and nothing of it remains if it
 *   rejects. It reads the body once, at the storage's pace, and rejects with the body's own error.
 * - After `put` resolves, `get` and `list` see the object.
 * - `get` of a missing key rejects with `not_found` at the first read. Its chunks do not change after they were
 *   yielded, unless the reader allows it with `reuse`.
 * - `list` yields each key that begins with the prefix once, in any order; none for none. A stamp stays the same
 *   from listing to listing, and is another one once the object was made again with other bytes.
 * - `delete` of a missing key resolves.
 * - On abort every call settles promptly with `signal.reason` and leaves nothing behind.
 * - Failures are `BackupError`s named by cause.
 */
export interface Driver {
  /** A short name for messages: `filesystem`, `s3`. */
  readonly name: string
  readonly capabilities?: DriverCapabilities | undefined
  /** Stores the body under the key. Resolves with the number of bytes stored, once they are durable. */
  put(key: string, body: AsyncIterable<Uint8Array>, call: PutCall): Promise<{ readonly bytes: number }>
  /** Yields the object's bytes, from `offset` and as many as `length` if the driver declares `range`. */
  get(key: string, call: GetCall): AsyncIterable<Uint8Array>
  /** Yields every object whose key begins with `prefix`. */
  list(prefix: string, call: ListCall): AsyncIterable<ObjectInfo>
  /** Removes the object. Removing a missing one is not an error. */
  delete(key: string, call: Call): Promise<void>
  /**
   * The storage's own time. Left out by a storage that has none to ask: this machine's clock then counts. Rejects
   * rather than answer with another clock's time.
   */
  readonly clock?: ((call: Call) => Promise<Date>) | undefined
  /** Releases connections and handles. Called at most once, by the owner of the driver. */
  close?(): Promise<void>
}
