/**
 * A pipe between a producer and a consumer. It holds one item: `send` resolves when the
 * reader asks for more, so the reader sets the pace.
 */
export interface Channel<T> extends AsyncIterable<T> {
  /** Resolves once the item was taken. Rejects if the reader gave up, or with the reason of `abandon`. */
  send(item: T): Promise<void>
  /** No more items. */
  end(): void
  /** Makes the reader's next read throw. */
  fail(error: unknown): void
  /** The items are no longer needed: pending and later sends reject, and a reader ends without an error. */
  abandon(error: unknown): void
}

export function channel<T>(): Channel<T> {
  let waiting: { item: T; taken: () => void; refused: (error: unknown) => void } | undefined
  let wake: (() => void) | undefined
  let ending: { error?: unknown } | undefined
  let abandoned: { error: unknown } | undefined

  const notify = () => {
    wake?.()
    wake = undefined
  }

  async function* read(): AsyncGenerator<T, void, undefined> {
    while (abandoned === undefined) {
      if (waiting !== undefined) {
        const { item, taken } = waiting
        waiting = undefined
        taken()
        yield item
      } else if (ending !== undefined) {
        if ('error' in ending) throw ending.error
        return
      } else {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    }
  }

  function abandon(error: unknown): void {
    abandoned ??= { error }
    waiting?.refused(abandoned.error)
    waiting = undefined
    notify()
  }

  const items = read()
  const iterator: AsyncIterator<T, void, undefined> = {
    next: () => items.next(),
    // Here and not in a `finally` of the generator, which does not run if the reader never started.
    return: () => {
      abandon(new Error('The reader stopped before the end.'))
      return items.return()
    },
  }

  return {
    send(item) {
      if (abandoned !== undefined) return Promise.reject(abandoned.error)
      return new Promise((taken, refused) => {
        waiting = { item, taken, refused }
        notify()
      })
    },
    end() {
      ending ??= {}
      notify()
    },
    fail(error) {
      ending ??= { error }
      notify()
    },
    abandon,
    [Symbol.asyncIterator]: () => iterator,
  }
}
