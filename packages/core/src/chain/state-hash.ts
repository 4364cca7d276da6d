import { hash as hashAtOnce } from 'node:crypto'

/** The state of a resource without records. */
export const emptyState = '0'.repeat(64)

/** Bytes of a record's content hash in the key index: one unseen change in 2^64. */
const contentHashBytes = 8

/** The short content hash that a key index keeps of a record: 64 bits of SHA-256, in base64url. */
export function contentHash(content: string | Uint8Array): string {
  const digest = hashAtOnce('sha256', content, 'binary').slice(0, contentHashBytes)
  return Buffer.from(digest, 'latin1').toString('base64url')
}

/**
 * The content hash of a record from the lines that a backup has of it: that of its row and, if it has one, that of its
 * raw form, with a line feed in between.
 */
export function linesHash(row: string, raw: string | undefined): string {
  return contentHash(raw === undefined ? row : `${row}\n${raw}`)
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
  const sum = Float64Array.from({ length: limbs }, (_, i) =>
    Number.parseInt(from.slice(i * 8, i * 8 + 8), 16),
  )
  let uncarried = 0

  const addTimes = (id: string, hash: string, sign: 1 | -1) => {
    // JSON separates id and hash: no other pair of texts gives the same bytes. The digest is a text of one character
    // per byte, which is made much faster than a Buffer.
    const element = hashAtOnce('sha256', JSON.stringify([id, hash]), 'binary')
    for (let i = 0; i < limbs; i++) sum[i] = (sum[i] ?? 0) + sign * limbAt(element, i * 4)
    uncarried += 1
    if (uncarried < mostUncarried) return
    carry(sum)
    uncarried = 0
  }

  return {
    add: (id, hash) => addTimes(id, hash, 1),
    remove: (id, hash) => addTimes(id, hash, -1),
    value() {
      carry(sum)
      return Array.from(sum, (limb) => limb.toString(16).padStart(8, '0')).join('')
    },
  }
}

/** The state of everything that some states are of, which have no record in common. */
export function sumOfStates(states: readonly string[]): string {
  const sum = states.reduce((total, state) => total + BigInt(`0x${state}`), 0n)
  return (sum % 2n ** 256n).toString(16).padStart(64, '0')
}

/**
 * The sum is kept in limbs of 32 bits, the highest first, as whole numbers that carry later: a BigInt for each takes
 * twice as long.
 */
const limbs = 8

function limbAt(bytes: string, at: number): number {
  const [a, b] = [bytes.charCodeAt(at), bytes.charCodeAt(at + 1)]
  const [c, d] = [bytes.charCodeAt(at + 2), bytes.charCodeAt(at + 3)]
  return ((a << 24) | (b << 16) | (c << 8) | d) >>> 0
}

/** So many sums of 32 bits are exact in a number of 53 bits. */
const mostUncarried = 2 ** 20

const limbSize = 2 ** 32

/** Brings every limb back into its 32 bits. What is carried out of the highest is the multiple of 2^256 that is left off. */
function carry(sum: Float64Array): void {
  let over = 0
  for (let i = limbs - 1; i >= 0; i--) {
    const limb = (sum[i] ?? 0) + over
    over = Math.floor(limb / limbSize)
    sum[i] = limb - over * limbSize
  }
}
