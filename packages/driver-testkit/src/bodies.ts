import { setImmediate } from 'node:timers/promises'

/** The size of the chunks that bodies come in unless told otherwise, in bytes. */
const usualChunk = 64 * 1024

/** A prime, so that the pattern never lines up with a block size and a lost or moved byte shows. */
const tileBytes = 65_521

/**
 * Bytes that depend on their position and on the seed alone, so that an object of any size can be compared while it
 * streams by. Yields `size` bytes, beginning at `from`, in chunks of `chunk` bytes; the last one may be shorter.
 */
export async function* patterned(
  size: number,
  {
    seed = 1,
    from = 0,
    chunk = usualChunk,
  }: { seed?: number | undefined; from?: number | undefined; chunk?: number | undefined } = {},
): AsyncGenerator<Uint8Array> {
  for (let position = from; position < size; position += chunk) {
    // Lets other calls run, as a real source does.
    await setImmediate()
    yield patternAt(position, Math.min(chunk, size - position), seed)
  }
}

/** A stretch of the pattern that {@link patterned} yields. */
export function patternAt(position: number, size: number, seed = 1): Buffer {
  const tile = tileOf(seed)
  const bytes = Buffer.allocUnsafeSlow(size)
  for (let filled = 0; filled < size; ) {
    filled += tile.copy(bytes, filled, (position + filled) % tileBytes)
  }
  return bytes
}

/** No bytes at all. */
export async function* empty(): AsyncGenerator<Uint8Array> {
  yield* []
}

/** Yields some bytes, then throws the error. */
export async function* failing(error: unknown, after = usualChunk): AsyncGenerator<Uint8Array> {
  yield* patterned(after)
  throw error
}

/** Yields some bytes, calls `onSilence`, and never says anything again: a connection that hangs. */
export async function* silent(
  onSilence: () => void = () => undefined,
  after = usualChunk,
): AsyncGenerator<Uint8Array> {
  yield* patterned(after)
  onSilence()
  await new Promise<never>(() => undefined)
}

/** Yields bytes for as long as they are asked for. */
export async function* endless(): AsyncGenerator<Uint8Array> {
  for (let index = 0; ; index++) {
    await setImmediate()
    yield patternAt(index * usualChunk, usualChunk)
  }
}

const tiles = new Map<number, Buffer>()

function tileOf(seed: number): Buffer {
  const known = tiles.get(seed)
  if (known !== undefined) return known
  const tile = Buffer.from(pseudoRandom(seed))
  tiles.set(seed, tile)
  return tile
}

/** xorshift32: good enough to tell bytes apart, and the same everywhere. */
function pseudoRandom(seed: number): Uint8Array {
  const bytes = new Uint8Array(tileBytes)
  let state = (seed * 2_654_435_761) >>> 0 || 1
  for (let index = 0; index < tileBytes; index++) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    bytes[index] = state >>> 0
  }
  return bytes
}
