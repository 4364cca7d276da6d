/** Keys that were added; which ones they are cannot be asked for. */
export interface KeySet {
  add(key: string): void
  /** Never wrong about a key that was added; about another one once in 2^52 / (number of keys). */
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
      if (table[slot] === hash) return
      table[slot] = hash
      size += 1
      if (size * 2 > table.length) grow()
    },
    has(key) {
      const hash = hashOf(key)
      return table[slotOf(hash, table)] === hash
    },
  }
}

/** 53 bits (cyrb53, public domain), never 0. */
function hashOf(key: string): number {
  let one = 0xdeadbeef
  let two = 0x41c6ce57
  for (let at = 0; at < key.length; at++) {
    const unit = key.charCodeAt(at)
    one = Math.imul(one ^ unit, 2654435761)
    two = Math.imul(two ^ unit, 1597334677)
  }
  one = Math.imul(one ^ (one >>> 16), 2246822507) ^ Math.imul(two ^ (two >>> 13), 3266489909)
  two = Math.imul(two ^ (two >>> 16), 2246822507) ^ Math.imul(one ^ (one >>> 13), 3266489909)
  return 4294967296 * (2097151 & two) + (one >>> 0) || 1
}
