import { hash, randomBytes } from 'node:crypto'

/** A set of keys. It cannot return its members. */
export interface KeySet {
  /** Whether it was not there yet. */
  add(key: string): boolean
  /** Never wrong about a key that was added; about another one once in 2^53 / (number of keys). */
  has(key: string): boolean
}

/** About 16 bytes a key, however long keys are: their hashes in an open table that is never more than half full. */
export function keySet(): KeySet {
  let table = new Float64Array(1 << 10)
  let size = 0

  /** Where the hash is, or would be. */
  const slotOf = (hash: number, slots: Float64Array): number => {
    const mask = slots.length - 1
    let slot = hash % slots.length
    while (slots[slot] !== 0 && slots[slot] !== hash) slot = (slot + 1) & mask
    return slot
  }

  const grow = () => {
    const larger = new Float64Array(table.length * 2)
    for (const hash of table) if (hash !== 0) larger[slotOf(hash, larger)] = hash
    table = larger
  }

  return {
    add(key) {
      const hash = hashOf(key)
      const slot = slotOf(hash, table)
      if (table[slot] === hash) return false
      table[slot] = hash
      size += 1
      if (size * 2 > table.length) grow()
      return true
    },
    has(key) {
      const hash = hashOf(key)
      return table[slotOf(hash, table)] === hash
    },
  }
}

/** Known only to this process, so that nobody can choose the id of a record to collide with another key. */
const salt = randomBytes(16).toString('hex')

/** 53 bits of SHA-256, never 0. */
function hashOf(key: string): number {
  const digest = hash('sha256', salt + key, 'buffer')
  return digest.readUIntBE(0, 6) * 32 + (digest.readUInt8(6) >>> 3) || 1
}
