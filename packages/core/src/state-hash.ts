import { createHash } from 'node:crypto'

const modulus = 1n << 256n

/** The state of a resource without records. */
export const emptyState = '0'.repeat(64)

/** Bytes of a record's content hash in the key index: one unseen change in 2^64. */
const contentHashBytes = 8

/** The short content hash that a key index keeps of a record: 64 bits of SHA-256, in base64url. */
export function contentHash(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest().subarray(0, contentHashBytes).toString('base64url')
}

/**
 * The state of a set of records as one number, whatever their order: the sum, modulo 2^256, of the SHA-256 of
 * each record's id and content hash. Adding and removing a record are a sum and a difference, so the state
 * after an incremental backup follows from the state before it and the changes.
 */
export function stateHash(from: string = emptyState): {
  add(id: string, hash: string): void
  remove(id: string, hash: string): void
  value(): string
} {
  let sum = BigInt(`0x${from}`)
  return {
    add(id, hash) {
      sum += elementOf(id, hash)
    },
    remove(id, hash) {
      sum -= elementOf(id, hash)
    },
    value: () => (((sum % modulus) + modulus) % modulus).toString(16).padStart(64, '0'),
  }
}

function elementOf(id: string, hash: string): bigint {
  // JSON keeps id and hash apart: no other pair of texts gives the same bytes.
  return BigInt(
    `0x${createHash('sha256')
      .update(JSON.stringify([id, hash]))
      .digest('hex')}`,
  )
}
