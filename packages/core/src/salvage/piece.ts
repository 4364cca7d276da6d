/**
 * The proof that content is unaltered: the SHA-256 of the stored blocks, the authentication of encrypted frames, or
 * only the CRC-32 of a gzip member, which misses one in four billion random damages; or, of single lines, the content
 * hash that the key index has of their record, 64 bits of its SHA-256.
 */
export type Proof = 'sha256' | 'authenticated' | 'crc32' | 'index'

/** Content of a part that is proven intact. */
export interface Piece {
  /** The stored bytes that it comes from: `from` up to, not including, `to`. */
  readonly from: number
  readonly to: number
  readonly content: Uint8Array
  readonly proof: Proof
}
