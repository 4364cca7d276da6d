/**
 * The same items, each requested while the previous one is processed, so that waiting and processing overlap. Holds one
 * more item.
 */
export async function* ahead<T>(items: AsyncIterable<T>): AsyncGenerator<T> {
  const iterator = items[Symbol.asyncIterator]()
  let next = ask(iterator)
  try {
    for (let step = await next; step.done !== true; step = await next) {
      next = ask(iterator)
      yield step.value
    }
  } finally {
    await iterator.return?.()
  }
}

/** A failure is thrown when its turn comes; until then it must not count as unhandled. */
function ask<T>(iterator: AsyncIterator<T>): Promise<IteratorResult<T>> {
  const step = iterator.next()
  step.catch(() => undefined)
  return step
}
