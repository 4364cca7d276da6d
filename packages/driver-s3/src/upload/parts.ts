/** A piece of a body. Its bytes hold until they are given back to the pool. */
export interface Part {
  /** From 1. */
  readonly number: number
  readonly bytes: Buffer
  /** The whole buffer that the bytes are in: one of the pool, unless it is the only part and small. */
  readonly buffer: Buffer
  readonly last: boolean
}

/** Most bodies are this small, in bytes. A buffer of the size of a part for each would keep the garbage collector busy. */
const small = 64 * 1024

/** Cuts a body into parts of one size; the last may be shorter, also empty. Closes the body when it is stopped. */
export async function* cut(body: AsyncIterable<Uint8Array>, pool: BufferPool): AsyncGenerator<Part> {
  let number = 1
  let buffer: Buffer = Buffer.allocUnsafeSlow(Math.min(small, pool.bytes))
  let filled = 0
  for await (const chunk of body) {
    for (let at = 0; at < chunk.byteLength; ) {
      if (filled === buffer.byteLength && filled < pool.bytes) {
        const larger = await pool.take()
        larger.set(buffer)
        buffer = larger
      }
      // Only now is it certain that another part follows.
      if (filled === buffer.byteLength) {
        yield { number, bytes: buffer, buffer, last: false }
        number += 1
        buffer = await pool.take()
        filled = 0
      }
      const piece = chunk.subarray(at, at + buffer.byteLength - filled)
      buffer.set(piece, filled)
      filled += piece.byteLength
      at += piece.byteLength
    }
  }
  yield { number, bytes: buffer.subarray(0, filled), buffer, last: true }
}

/**
 * A few buffers that are used again and again. New ones for each part would pile up: they lie outside the
 * JavaScript heap, where the garbage collector looks late.
 */
export interface BufferPool {
  /** The size of each. */
  readonly bytes: number
  /** Resolves once there is a buffer to have. */
  take(): Promise<Buffer>
  give(buffer: Buffer): void
}

export function bufferPool(bytes: number, count: number): BufferPool {
  const free: Buffer[] = []
  const waiting: ((buffer: Buffer) => void)[] = []
  let made = 0
  return {
    bytes,
    take() {
      const returned = free.pop()
      if (returned !== undefined) return Promise.resolve(returned)
      if (made === count) return new Promise((resolve) => waiting.push(resolve))
      made += 1
      return Promise.resolve(Buffer.allocUnsafeSlow(bytes))
    },
    give(buffer) {
      const next = waiting.shift()
      if (next === undefined) free.push(buffer)
      else next(buffer)
    },
  }
}
