import { createGunzip, gunzipSync } from 'node:zlib'
import { abortable } from '../streams/abortable.js'
import { ifSmall } from '../streams/if-small.js'
import { moreThanItsEnd, throughTransform, zlibChunkSize } from '../streams/zlib.js'

/** Compressed bytes that are unpacked in one go, at most: for so few a stream takes longer to make than to use. */
const smallBytes = 64 * 1024

/** Content that is unpacked in one go, at most, in bytes. */
const smallContent = 1024 * 1024

/** The content of gzip members. */
export async function* gunzip(
  bytes: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const { whole, all } = await ifSmall(abortable(bytes, signal), smallBytes)
  const content = whole === undefined ? undefined : unpacked(whole)
  if (content !== undefined) yield content
  else yield* throughTransform(all, createGunzip({ chunkSize: zlibChunkSize }), signal)
}

/** Nothing for content that is not small. */
function unpacked(bytes: Uint8Array): Uint8Array | undefined {
  // Room for the size that the last member states, and one byte more: zlib allocates again once its buffer is full.
  const room = Math.min(Math.max(64, statedSize(bytes) + 1), smallContent)
  try {
    const told: unknown = gunzipSync(bytes, { info: true, chunkSize: room, maxOutputLength: smallContent })
    if (!isTold(told)) return undefined
    if (told.engine.bytesWritten !== bytes.byteLength) throw moreThanItsEnd()
    return told.buffer
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE') return undefined
    throw error
  }
}

/** The size of its content that a gzip member ends with (RFC 1952, ISIZE). */
function statedSize(bytes: Uint8Array): number {
  const { buffer, byteOffset, byteLength } = bytes
  return byteLength < 4 ? 0 : new DataView(buffer, byteOffset, byteLength).getUint32(byteLength - 4, true)
}

/** The result of zlib with `info`, which its types lack. */
interface Told {
  readonly buffer: Uint8Array
  readonly engine: { readonly bytesWritten: number }
}

function isTold(told: unknown): told is Told {
  return typeof told === 'object' && told !== null && 'buffer' in told && 'engine' in told
}
