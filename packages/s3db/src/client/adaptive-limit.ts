/**
 * Finds the right number of requests in flight by trying. If only latency costs, more in flight is faster. If the
 * server or this process is at its limit, more requests only wait for each other. And a server may ask to slow down.
 * This changes during the work, so no fixed number is right.
 *
 * Requests are counted in rounds, a few per place. After a round in which all places were taken, half as many more
 * are tried; if the next round is not clearly faster, the old number is kept for some rounds, more of them each
 * time. A refusal halves the number, which then grows again, step by step, to a little less than what was refused. There it
 * stays for some rounds before that is tried once more, so that a server is kept busy that allows so many and no more.
 */
export interface AdaptiveLimit {
  /** How many may be under way. */
  limit(): number
  /** A request ended at `at`, in ms; `wanted` tells whether another request was waiting for its place. */
  ended(at: number, wanted: boolean): void
  /** A request that was begun at `begun` was refused at `at`, both in ms. Those of one burst count once. */
  refused(begun: number, at: number): void
}

/** Enough for a link with a few ms, and little enough for any server. */
const start = 16

/** What share of its own growth more in flight must bring in requests per second to be kept. */
const worth = 0.25

/** Requests that are counted in a round, per place. As many go by before, begun when there were fewer places. */
const perPlace = 2

/** The speed of fewer requests is unknown. */
const fewest = 16

/** For how many rounds a number is kept that could not be bettered, at first and at last. */
const rests = { first: 4, last: 64 }

/** What share of a number that was refused is taken to be allowed. */
const allowed = 0.92

/** Between 1 and `most`. */
export function adaptiveLimit(most: number): AdaptiveLimit {
  let limit = Math.min(start, most)
  let counted = -limit
  let since = 0
  let before: { readonly limit: number; readonly rate: number } | undefined
  let rest = 0
  let patience = rests.first
  let lowered = Number.NEGATIVE_INFINITY
  /** The number that was refused last, until a round with as many goes well. */
  let ceiling = Number.POSITIVE_INFINITY

  const settle = (next: number) => {
    limit = next
    counted = -limit
  }

  const keep = (next: number) => {
    settle(next)
    before = undefined
    rest = patience
    patience = Math.min(rests.last, patience * 2)
  }

  const helped = (rate: number) =>
    before === undefined || rate > before.rate * (1 + worth * (limit / before.limit - 1))

  const judge = (rate: number) => {
    if (before !== undefined && !helped(rate)) return keep(before.limit)
    if (before !== undefined) patience = Math.max(rests.first, patience / 2)
    before = undefined
    if (limit >= ceiling) ceiling = Number.POSITIVE_INFINITY
    rest -= 1
    if (rest >= 0 || limit >= most) return settle(limit)
    const more = Math.min(most, Math.ceil(limit * 1.5))
    const safe = Math.floor(ceiling * allowed)
    if (limit < safe && safe < more) {
      rest = patience
      return settle(safe)
    }
    // Below a limit that the server once refused, the limit grows without proof that it is faster.
    if (limit >= safe || ceiling === Number.POSITIVE_INFINITY) before = { limit, rate }
    settle(Math.min(more, Math.max(limit + 1, ceiling)))
  }

  return {
    limit: () => limit,
    ended(at, wanted) {
      // Unused places say nothing about the right number of places.
      if (!wanted) return settle(limit)
      counted += 1
      if (counted <= 0) since = at
      else if (counted >= Math.max(fewest, perPlace * limit) && at > since) judge(counted / (at - since))
    },
    refused(begun, at) {
      if (begun <= lowered) return
      lowered = at
      ceiling = limit
      keep(Math.max(1, Math.floor(limit / 2)))
      rest = 1
    },
  }
}
