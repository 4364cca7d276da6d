/**
 * A pipe between somebody who pushes and somebody who pulls. It holds one item: `send` resolves when the
 * reader asks for more, so the reader sets the pace.
 */
export interface Channel<T> extends AsyncIterable<T> {
  /** Resolves once the item was taken. Rejects with the reader's reason if the reader gave up. */
  send(item: T): Promise<void>
  /** No more items. */
  end(): void
  /** Makes the reader's next read throw. */
  fail(error: unknown): void
  /** Makes pending and later sends reject: nobody reads any more. */
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
    try {
      while (true) {
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
    } finally {
      // A reader that stops early is the writer's failure; its own error reaches the writer by another way.
      if (ending === undefined) abandon(new Error('The reader stopped before the end.'))
    }
  }

  function abandon(error: unknown): void {
    abandoned ??= { error }
    waiting?.refused(abandoned.error)
    waiting = undefined
  }

  const iterator = read()
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
