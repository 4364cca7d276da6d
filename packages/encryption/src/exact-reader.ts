/** Reads a stream in pieces of a wanted size, whatever chunks it comes in. Holds one piece and one chunk. */
export interface ExactReader {
  /** How many bytes were taken. */
  readonly position: () => number
  /** The next bytes without taking them; fewer than wanted at the end of the stream. */
  peek(bytes: number): Promise<Uint8Array>
  /** Takes the next bytes; fewer than wanted at the end of the stream. */
  take(bytes: number): Promise<Uint8Array>
  /** Stops reading and lets the source finish. */
  close(): Promise<void>
}

export function exactReader(source: AsyncIterable<Uint8Array>): ExactReader {
  const iterator = source[Symbol.asyncIterator]()
  let pieces: Uint8Array[] = []
  let held = 0
  let position = 0

  const fill = async (bytes: number) => {
    while (held < bytes) {
      const step = await iterator.next()
      if (step.done === true) break
      pieces.push(step.value)
      held += step.value.byteLength
    }
    const [first] = pieces
    if (pieces.length !== 1 || first === undefined) pieces = [Buffer.concat(pieces, held)]
    return (pieces[0] ?? new Uint8Array(0)).subarray(0, bytes)
  }

  return {
    position: () => position,
    peek: fill,
    async take(bytes) {
      const piece = await fill(bytes)
      pieces = [(pieces[0] ?? piece).subarray(piece.byteLength)]
      held -= piece.byteLength
      position += piece.byteLength
      return piece
    },
    async close() {
      await iterator.return?.()
    },
  }
}
