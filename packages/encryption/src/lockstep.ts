import type { Duplex } from 'node:stream'
import { untilAborted } from '@s3db-backup/core/internal'

/**
 * One of the SDK's streams, fed a piece at a time, each piece after the result of the one before. Only so is
 * it known which piece a failure belongs to, and only so is never more held than one piece and its result.
 */
export interface Lockstep {
  /** Gives the stream a piece and waits until it was worked on. */
  send(piece: Uint8Array): Promise<void>
  /** Gives the stream a piece and waits for this many bytes of result. */
  exchange(piece: Uint8Array, bytes: number): Promise<void>
  /** Ends the stream and waits for the rest of the result. */
  finish(): Promise<void>
  /** Returns and drops the result so far in one chunk; none if there is none. */
  taken(): Uint8Array[]
  /** Stops the stream, wherever it is. Further output is dropped. */
  close(): void
}

/**
 * @param giveUp How the stream is stopped before its end. Not always `destroy`: on an unfinished encrypting
 * stream of the SDK that raises an error inside it that nobody can catch, and ends the process.
 */
export function lockstep(stream: Duplex, signal: AbortSignal, giveUp: (stream: Duplex) => void): Lockstep {
  let results: Uint8Array[] = []
  let held = 0
  let ended = false
  let closed = false
  let failure: { readonly error: unknown } | undefined
  let wake: (() => void) | undefined

  stream.on('data', (chunk: Uint8Array) => {
    if (closed) return
    results.push(chunk)
    held += chunk.byteLength
    wake?.()
  })
  stream.on('end', () => {
    ended = true
    wake?.()
  })
  // Stays attached after `close`: the SDK's inner streams may fail once more while they close.
  stream.on('error', (error: unknown) => {
    failure ??= { error }
    wake?.()
  })

  const until = async (done: () => boolean) => {
    while (!done()) {
      if (failure !== undefined) throw failure.error
      if (ended) throw new Error('The stream ended before its result was complete.')
      await untilAborted(() => new Promise<void>((resolve) => (wake = resolve)), signal)
    }
  }

  return {
    async send(piece) {
      let worked = false
      stream.write(piece, () => {
        worked = true
        wake?.()
      })
      await until(() => worked && failure === undefined)
    },
    async exchange(piece, bytes) {
      stream.write(piece)
      await until(() => held >= bytes)
    },
    async finish() {
      stream.end()
      await until(() => ended)
    },
    taken() {
      const result = held === 0 ? [] : [Buffer.concat(results, held)]
      results = []
      held = 0
      return result
    },
    close() {
      closed = true
      if (!ended && failure === undefined) giveUp(stream)
    },
  }
}
