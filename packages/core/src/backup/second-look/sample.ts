import { randomInt } from 'node:crypto'

/** A fair sample of everything that it is shown, however much that will be. */
export interface Sample<T> {
  show(item: T): void
  items(): T[]
}

/** A sample of at most `size` items, each equally likely (reservoir sampling, algorithm R). */
export function sample<T>(size: number, random: (below: number) => number = randomInt): Sample<T> {
  const kept: T[] = []
  let shown = 0
  return {
    show(item) {
      shown += 1
      if (kept.length < size) kept.push(item)
      else {
        const at = random(shown)
        if (at < size) kept[at] = item
      }
    },
    items: () => [...kept],
  }
}
