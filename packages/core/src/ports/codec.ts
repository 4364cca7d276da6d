import type { Call } from './driver.js'

/** Where the bytes belong. Encryption binds them to it, so that a part cannot be moved or swapped unnoticed. */
export interface CodecContext extends Call {
  readonly backupId: string
  /** The file's name inside the backup, such as `users.jsonl.gz`. */
  readonly file: string
  /** The resource the part belongs to; empty for what belongs to the whole backup. */
  readonly resource: string
}

/**
 * A reversible transformation of a byte stream: compression or encryption. `decode(encode(bytes))` yields the same
 * bytes, in chunks of any size. `decode` throws for a truncated or altered stream.
 */
export interface Codec {
  /** Recorded in the manifest and looked up when reading: `gzip`, `zstd`. */
  readonly id: string
  /** Added to the file's name: `.gz`. */
  readonly suffix: string
  /**
   * `encode` yields members: one chunk for each stretch of this many bytes of content (fewer in the last), and each decodes
   * alone. Left out by a codec whose output cannot be entered in the middle.
   */
  readonly memberBytes?: number | undefined
  encode(bytes: AsyncIterable<Uint8Array>, context: CodecContext): AsyncIterable<Uint8Array>
  decode(bytes: AsyncIterable<Uint8Array>, context: CodecContext): AsyncIterable<Uint8Array>
}
