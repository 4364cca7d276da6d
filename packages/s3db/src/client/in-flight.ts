import type { Call } from '@s3db-backup/core'
import { untilAborted } from '@s3db-backup/core/internal'
import { adaptiveLimit } from './adaptive-limit.js'

/** To be called by work that was refused because the server has too much to do. */
export type OnRefusal = () => void

/** The requests that are under way to one storage, from wherever they come. */
export interface InFlight {
  /** Does the work once there is a place for it; those that wait get theirs in the order they came. */
  run<T>(work: (refused: OnRefusal) => Promise<T>, call: Call): Promise<T>
  /** How many may be under way now. */
  limit(): number
}

/** Up to `most` at once, as many as help. `now` is a clock in ms. */
export function inFlight(most: number, now: () => number = () => performance.now()): InFlight {
  const adaptive = adaptiveLimit(most)
  const waiting: (() => void)[] = []
  let running = 0

  const admit = () => {
    while (running < adaptive.limit()) {
      const next = waiting.shift()
      if (next === undefined) return
      running += 1
      next()
    }
  }

  const place = async () => {
    if (running < adaptive.limit() && waiting.length === 0) running += 1
    else await new Promise<void>((resolve) => waiting.push(resolve))
  }

  const inPlace = async <T>(work: (refused: OnRefusal) => Promise<T>, { signal }: Call): Promise<T> => {
    await place()
    const begun = now()
    try {
      signal.throwIfAborted()
      return await work(() => adaptive.refused(begun, now()))
    } finally {
      adaptive.ended(now(), waiting.length > 0)
      running -= 1
      admit()
    }
  }

  // A caller that gives up waiting passes its place on as soon as its turn comes.
  return {
    run: (work, call) => untilAborted(() => inPlace(work, call), call.signal),
    limit: () => adaptive.limit(),
  }
}
