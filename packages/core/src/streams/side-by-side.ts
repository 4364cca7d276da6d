import { ordered } from './ordered.js'

/** An item of at most this many bytes costs more to request than to read. */
const fewBytes = 256 * 1024

/** How items are read, and how many at once. */
export interface SideBySide<T, R> {
  /** What reading an item takes in memory, as far as that is known before. */
  readonly bytesOf: (item: T) => number
  readonly inFlight: { readonly small: number; readonly large: number }
  readonly work: (item: T) => Promise<R>
}

/**
 * Reads many small things at once, because each of them is waited for, and only a few large ones, because each takes its
 * memory. Yields the results in the order of the items.
 */
export async function* sideBySide<T, R>(
  items: Iterable<T>,
  { bytesOf, inFlight, work }: SideBySide<T, R>,
): AsyncGenerator<R> {
  let alike: T[] = []
  let size: 'small' | 'large' = 'small'
  for (const item of items) {
    const own = bytesOf(item) <= fewBytes ? 'small' : 'large'
    if (own !== size) {
      yield* ordered(alike, inFlight[size], work)
      alike = []
      size = own
    }
    alike.push(item)
  }
  yield* ordered(alike, inFlight[size], work)
}
