import { Readable, type Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { abortable } from './abortable.js'

/**
 * Runs the bytes through one of Node's zlib streams. The only place where a Node stream is used: everywhere
 * else bytes travel as async iterables.
 */
export async function* throughTransform(
  bytes: AsyncIterable<Uint8Array>,
  transform: Transform,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const fed = pipeline(Readable.from(abortable(bytes, signal), { objectMode: false }), transform, { signal })
  // The reader below throws the same failure; without this an early stop would count as unhandled.
  const failure = fed.then(
    () => undefined,
    (error: unknown) => ({ error }),
  )
  try {
    for await (const chunk of transform) yield chunk as Uint8Array
  } catch (error) {
    signal.throwIfAborted()
    throw (await failure)?.error ?? error
  } finally {
    transform.destroy()
  }
  signal.throwIfAborted()
}
