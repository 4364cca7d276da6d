/** A place in a stream of batches. */
export interface Cursor<T> {
  /** Makes the next entry available. `false` at the end. */
  load(): Promise<boolean>
  /** The next entry of the loaded batch; nothing at its end. */
  peek(): T | undefined
  advance(): void
  takeAll(): T[]
  close(): Promise<unknown>
}

/** Goes through a stream of batches entry by entry. `check` gets each batch as it arrives. */
export function cursor<T>(
  batches: AsyncIterable<readonly T[]>,
  check: (batch: readonly T[]) => void = () => undefined,
): Cursor<T> {
  const iterator = batches[Symbol.asyncIterator]()
  let batch: readonly T[] = []
  let next = 0

  return {
    async load() {
      while (next >= batch.length) {
        const step = await iterator.next()
        if (step.done === true) return false
        batch = step.value
        next = 0
        check(batch)
      }
      return true
    },
    peek: () => batch[next],
    advance() {
      next += 1
    },
    takeAll() {
      const rest = batch.slice(next)
      next = batch.length
      return rest
    },
    close: () => Promise.resolve(iterator.return?.()),
  }
}
