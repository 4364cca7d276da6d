/** Buffers kept for the next members. More than that are in use only while many parts are written at once. */
const mostKept = 16

/** Cuts bytes into members, in buffers that are used again. */
export interface MemberBuffers {
  /** The bytes in pieces of exactly the member size; the last one may be shorter. Each is a buffer of its own. */
  fill(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array>
  /** Says that a piece is not needed any more. One that is never given back is left to the garbage collector. */
  giveBack(piece: Uint8Array): void
}

/**
 * Buffers of one size. New ones for each member would be garbage that Node collects only after tens of MiB:
 * they lie outside its heap and outlive its young generation.
 */
export function memberBuffers(size: number): MemberBuffers {
  const kept: Uint8Array[] = []

  return {
    async *fill(chunks) {
      let buffer: Uint8Array | undefined
      let filled = 0
      for await (let chunk of chunks) {
        while (chunk.byteLength > 0) {
          buffer ??= kept.pop() ?? Buffer.allocUnsafeSlow(size)
          const fitting = chunk.subarray(0, size - filled)
          buffer.set(fitting, filled)
          filled += fitting.byteLength
          chunk = chunk.subarray(fitting.byteLength)
          if (filled < size) continue
          yield buffer
          buffer = undefined
          filled = 0
        }
      }
      if (buffer !== undefined) yield buffer.subarray(0, filled)
    },
    giveBack(piece) {
      if (kept.length < mostKept) kept.push(new Uint8Array(piece.buffer, 0, size))
    },
  }
}
