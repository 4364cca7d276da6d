import type { Transform } from 'node:stream'
import { abortable } from './abortable.js'

/**
 * Bytes that a zlib stream gives out at a time. At Node's own 16 KiB most of the time is spent on going to and
 * fro between it and the main thread: gunzip takes three times as long.
 */
export const zlibChunkSize = 128 * 1024

/** One of Node's zlib streams. `bytesWritten` is what it made use of, not what it was given. */
export type ZlibStream = Transform & { readonly bytesWritten: number }

/**
 * Runs the bytes through one of Node's zlib streams. The only place where a Node stream is used: everywhere
 * else bytes travel as async iterables.
 *
 * Throws what the bytes throw, what the stream says of them, or a `Z_DATA_ERROR` for bytes that follow the end
 * of the compressed data: Node would pass over them.
 */
export async function* throughTransform(
  bytes: AsyncIterable<Uint8Array>,
  transform: ZlibStream,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  // The loop below throws the failure. Without a listener Node would end the process for one that comes later.
  transform.on('error', () => undefined)
  const feeding = feed(bytes, transform, signal)
  try {
    for await (const chunk of transform) yield chunk as Uint8Array
  } catch (error) {
    signal.throwIfAborted()
    const failure = feeding.failure()
    throw failure === undefined ? error : failure.error
  } finally {
    transform.destroy()
  }
  signal.throwIfAborted()
  if (feeding.unfinished() || feeding.bytes() !== transform.bytesWritten) throw moreThanItsEnd()
}

/**
 * Writes chunk by chunk and ends the stream only once the last one was taken: ended earlier, Node's zstd adds
 * an empty frame after the real one, and reads no frame but the first.
 */
function feed(source: AsyncIterable<Uint8Array>, transform: ZlibStream, signal: AbortSignal) {
  let bytes = 0
  let unfinished = true
  let failure: { readonly error: unknown } | undefined

  // A stream that is closed while it works may never call the callback of a write.
  let settle: (taken: boolean) => void = () => undefined
  transform.once('close', () => settle(false))
  const taken = (chunk: Uint8Array) =>
    new Promise<boolean>((resolve) => {
      settle = resolve
      transform.write(chunk, (error) => resolve(error == null))
    })

  const run = async () => {
    for await (const chunk of abortable(source, signal)) {
      bytes += chunk.byteLength
      if (!(await taken(chunk))) return
    }
    unfinished = false
    transform.end()
  }
  run().catch((error: unknown) => {
    failure = { error }
    transform.destroy(error instanceof Error ? error : new Error(String(error)))
  })
  return { bytes: () => bytes, unfinished: () => unfinished, failure: () => failure }
}

/** For bytes that follow the end of the compressed data. */
export function moreThanItsEnd(): Error {
  return Object.assign(new Error('there is more after its end'), { code: 'Z_DATA_ERROR' })
}
