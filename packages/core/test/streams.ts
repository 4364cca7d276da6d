/** Things that tests feed into streams, and what they look at afterwards. */

/** The given items, remembering whether the reader let the stream finish. */
export function watched<T>(items: Iterable<T>): AsyncIterable<T> & { readonly finished: () => boolean } {
  let finished = false
  return {
    finished: () => finished,
    async *[Symbol.asyncIterator]() {
      try {
        yield* items
      } finally {
        finished = true
      }
    },
  }
}

/** Yields the items and then says nothing, for ever. */
export async function* thenSilence<T>(...items: readonly T[]): AsyncGenerator<T> {
  yield* items
  await new Promise(() => undefined)
}

/** Yields the items and then throws. */
export async function* thenThrows<T>(error: unknown, ...items: readonly T[]): AsyncGenerator<T> {
  yield* items
  throw error
}

/** The bytes in pieces of the given sizes, over and over; all in one piece if there are none. */
export async function* inPieces(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  for (let from = 0, turn = 0; from < bytes.byteLength; turn++) {
    const size = sizes.length === 0 ? bytes.byteLength : sizes[turn % sizes.length]!
    yield bytes.subarray(from, from + size)
    from += size
  }
}

export async function toArray<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

export async function toBytes(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  return Buffer.concat(await toArray(chunks))
}

/** Lets everything that is ready to run, run. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
}

/** A promise that the test settles. */
export function deferred<T>() {
  let resolve: (value: T) => void = () => undefined
  let reject: (error: unknown) => void = () => undefined
  const promise = new Promise<T>((...settlers) => {
    ;[resolve, reject] = settlers
  })
  return { promise, resolve, reject }
}
