import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { adaptiveLimit } from './adaptive-limit.js'

interface Server {
  /** How long a request takes there, in ms. */
  readonly time: number
  /** How many it works on at once; more wait in line. */
  readonly places: number
  /** Beyond so many it refuses. */
  readonly refusesAbove: number
}

interface Seen {
  /** Requests answered in each ms, over the last quarter. */
  readonly rate: number
  /** Those of them that were not refused. */
  readonly served: number
  readonly refusals: number
  readonly limit: number
  readonly highest: number
  readonly lowest: number
}

/** Sends so many requests to a server that exists in numbers only, as many at once as the adaptiveLimit says. */
function send(
  pace: ReturnType<typeof adaptiveLimit>,
  requests: number,
  serverAt: (now: number) => Server,
): Seen {
  const underWay: { begun: number; ends: number; refused: boolean }[] = []
  let [now, ended, refusals, highest, lowest] = [0, 0, 0, 0, Number.POSITIVE_INFINITY]
  let lastQuarter: number | undefined
  let served = 0
  while (ended < requests) {
    while (underWay.length < pace.limit()) {
      const server = serverAt(now)
      const working = underWay.filter(({ refused }) => !refused)
      const refused = working.length >= server.refusesAbove
      // It starts once a place is free: when the request that many places earlier has ended.
      const ahead = working.map(({ ends }) => ends).sort((a, b) => b - a)[server.places - 1] ?? now
      const ends = (refused ? now : Math.max(now, ahead)) + server.time
      underWay.push({ begun: now, ends, refused })
    }
    underWay.sort((a, b) => a.ends - b.ends)
    const next = underWay.shift()
    if (next === undefined) throw new Error('nothing is under way')
    now = next.ends
    ended += 1
    if (next.refused) refusals += 1
    if (ended > requests * 0.75) {
      lastQuarter ??= now
      if (!next.refused) served += 1
    }
    if (next.refused) pace.refused(next.begun, now)
    pace.ended(now, true)
    highest = Math.max(highest, pace.limit())
    lowest = Math.min(lowest, pace.limit())
  }
  const rate = (requests * 0.25) / (now - (lastQuarter ?? 0))
  const time = now - (lastQuarter ?? 0)
  return { rate, served: served / time, refusals, limit: pace.limit(), highest, lowest }
}

const never = Number.POSITIVE_INFINITY

/** A number that stays as it is. */
const fixed = (number: number) => ({ limit: () => number, ended: () => undefined, refused: () => undefined })

describe('the number of requests in flight', () => {
  it('grows to the maximum if only latency costs', () => {
    const { limit } = send(adaptiveLimit(64), 3_000, () => ({ time: 30, places: never, refusesAbove: never }))
    expect(limit).toBe(64)
  })

  it('stays near the server’s parallelism if more requests would only queue', () => {
    const { limit } = send(adaptiveLimit(512), 20_000, () => ({ time: 30, places: 20, refusesAbove: never }))
    expect(limit).toBeGreaterThanOrEqual(16)
    expect(limit).toBeLessThanOrEqual(60)
  })

  it.each([
    ['with few quick places', { time: 4, places: 8, refusesAbove: never }],
    ['with many slow places', { time: 200, places: never, refusesAbove: never }],
    ['that refuses what is too much', { time: 20, places: never, refusesAbove: 24 }],
  ])('comes to serve as much as 0.9 of the best fixed number, at a server %s', (_, server) => {
    const numbers = [1, 2, 4, 8, 16, 24, 32, 48, 64]
    const best = Math.max(...numbers.map((number) => send(fixed(number), 4_000, () => server).served))
    expect(send(adaptiveLimit(64), 12_000, () => server).served).toBeGreaterThan(0.9 * best)
  })

  it('is always between one and the maximum, and keeps any server busy that does not refuse', () => {
    const servers = fc.record({
      time: fc.integer({ min: 1, max: 200 }),
      places: fc.integer({ min: 1, max: 100 }),
    })
    fc.assert(
      fc.property(servers, fc.integer({ min: 1, max: 128 }), ({ time, places }, most) => {
        const seen = send(adaptiveLimit(most), 6_000, () => ({ time, places, refusesAbove: never }))
        expect(seen.lowest).toBeGreaterThanOrEqual(1)
        expect(seen.highest).toBeLessThanOrEqual(most)
        const best = Math.min(places, most) / time
        expect(seen.rate).toBeGreaterThan(0.7 * best)
      }),
      { numRuns: 30 },
    )
  })

  it('falls until the server refuses almost nothing, and the server is still kept busy', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 50 }), (refusesAbove) => {
        const requests = 10_000
        const seen = send(adaptiveLimit(64), requests, () => ({ time: 20, places: never, refusesAbove }))
        expect(seen.refusals).toBeLessThan(requests * 0.1)
        expect(seen.rate).toBeGreaterThan((0.4 * refusesAbove) / 20)
      }),
      { numRuns: 20 },
    )
  })

  it('recovers when a server that allowed one request at a time is normal again', () => {
    const pace = adaptiveLimit(64)
    const { limit } = send(pace, 12_000, (now) => ({
      time: 20,
      places: never,
      refusesAbove: now > 1_000 && now < 3_000 ? 1 : never,
    }))
    expect(limit).toBeGreaterThanOrEqual(48)
  })

  it('is halved once by a burst of refusals, however many there are in it', () => {
    const pace = adaptiveLimit(64)
    const before = pace.limit()
    for (let request = 0; request < 10; request++) pace.refused(100, 120 + request)
    expect(pace.limit()).toBe(before / 2)
    pace.refused(130, 150)
    expect(pace.limit()).toBe(before / 4)
  })

  it('does not grow while fewer are needed', () => {
    const pace = adaptiveLimit(64)
    const before = pace.limit()
    for (let request = 0; request < 1_000; request++) pace.ended(request, false)
    expect(pace.limit()).toBe(before)
  })
})
