/**
 * Starts the work of up to `inFlight` items at once and yields the results in the order of the items. Started work is
 * always awaited, so nothing continues after the iteration ended.
 */
export async function* ordered<T, R>(
  items: AsyncIterable<T> | Iterable<T>,
  inFlight: number,
  work: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const pending: Promise<R>[] = []
  try {
    for await (const item of items) {
      const started = work(item)
      // A failure is thrown when its turn comes; until then it must not count as unhandled.
      started.catch(() => undefined)
      pending.push(started)
      if (pending.length >= inFlight) yield await (pending.shift() as Promise<R>)
    }
    while (pending.length > 0) yield await (pending.shift() as Promise<R>)
  } finally {
    await Promise.allSettled(pending)
  }
}
