/**
 * Reads a stream of at most so many bytes as a whole. `all` is the stream, the bytes that were read for that included; it
 * has to be read, or given up, where it is not small.
 */
export async function ifSmall(
  chunks: AsyncIterable<Uint8Array>,
  limit: number,
): Promise<{ readonly whole: Uint8Array | undefined; readonly all: AsyncIterable<Uint8Array> }> {
  const iterator = chunks[Symbol.asyncIterator]()
  const read: Uint8Array[] = []
  let bytes = 0
  while (bytes <= limit) {
    const step = await iterator.next()
    if (step.done === true) {
      const [only] = read
      const whole = read.length === 1 && only !== undefined ? only : Buffer.concat(read)
      return { whole, all: replayed([whole]) }
    }
    read.push(step.value)
    bytes += step.value.byteLength
  }
  return { whole: undefined, all: replayed(read, iterator) }
}

async function* replayed(
  read: readonly Uint8Array[],
  rest?: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  try {
    yield* read
    if (rest !== undefined) yield* { [Symbol.asyncIterator]: () => rest }
  } finally {
    await rest?.return?.()
  }
}
