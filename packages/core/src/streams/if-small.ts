/**
 * Reads a stream up to a size limit into memory. `all` is the whole stream, including the bytes already read. If the
 * stream is not small, `all` must be read or cancelled.
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
