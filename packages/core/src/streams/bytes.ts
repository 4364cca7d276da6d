import { BackupError } from '../errors.js'

/** All the bytes in one piece. Throws `corrupt` once there are more than `limit`. */
export async function collect(
  chunks: AsyncIterable<Uint8Array>,
  limit: number,
  what: string,
): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of chunks) {
    bytes += chunk.byteLength
    if (bytes > limit)
      throw new BackupError('corrupt', `${what} is larger than the ${limit} bytes it may have`)
    pieces.push(chunk)
  }
  return pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : Buffer.concat(pieces, bytes)
}

/** The same bytes in chunks of exactly `size` bytes; the last one may be shorter. */
export async function* rechunk(chunks: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Uint8Array> {
  for await (const group of grouped(chunks, size)) yield Buffer.concat(group)
}

/** The same bytes in groups of exactly `size` bytes, not copied; the last one may be shorter. */
export async function* grouped(
  chunks: AsyncIterable<Uint8Array>,
  size: number,
): AsyncGenerator<readonly Uint8Array[]> {
  let group: Uint8Array[] = []
  let held = 0
  for await (let chunk of chunks) {
    while (held + chunk.byteLength >= size) {
      const missing = size - held
      group.push(chunk.subarray(0, missing))
      yield group
      chunk = chunk.subarray(missing)
      group = []
      held = 0
    }
    if (chunk.byteLength === 0) continue
    group.push(chunk)
    held += chunk.byteLength
  }
  if (held > 0) yield group
}

/** One chunk as a stream. */
export async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

/** Reads to the end, for the sake of what reading checks. */
export async function drain(items: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of items);
}
