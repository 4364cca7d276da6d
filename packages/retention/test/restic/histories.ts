import type { PolicyInput } from '../../src/index.js'

export type Random = () => number

/** Numbers from a seed (mulberry32), so that a round can be repeated. */
export function random(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
const upTo = (next: Random, limit: number) => Math.floor(next() * (limit + 1))
const oneOf = <T>(next: Random, items: readonly [T, ...T[]]): T =>
  items[upTo(next, items.length - 1)] ?? items[0]

export const timezones = [
  'UTC',
  'America/New_York',
  'Europe/Berlin',
  'Asia/Kolkata',
  'Australia/Lord_Howe',
] as const

const minute = 60_000
const day = 24 * 60 * minute

/** When clocks change in each of them, and days at which months and years end. */
const changes: Readonly<Record<string, readonly [string, ...string[]]>> = {
  'America/New_York': ['2023-03-12T07:00Z', '2023-11-05T06:00Z'],
  'Europe/Berlin': ['2024-03-31T01:00Z', '2024-10-27T01:00Z'],
  'Australia/Lord_Howe': ['2023-09-30T15:30Z', '2024-04-06T15:00Z'],
}
const ends = ['2024-12-31T12:00Z', '2024-02-29T12:00Z', '2023-05-31T15:00Z', '2024-03-30T12:00Z'] as const

/**
 * Times of up to 40 backups, all different: spread over years, once a day, many around a change of the clocks. All are past,
 * since restic measures from the newest that is not in the future.
 */
export function history(next: Random, timezone: string): number[] {
  const middle = Date.parse(oneOf(next, next() < 0.6 ? (changes[timezone] ?? ends) : ends))
  const step = oneOf(next, [20 * minute, 60 * minute, 6 * 60 * minute, day, 20 * day, 200 * day])
  // Most end soon after the middle, where the counts still apply.
  const past = step > day ? 1 : oneOf(next, [0.5, 0.9, 0.95, 1])
  const times = new Set<number>()
  for (let count = 1 + upTo(next, 39); count > 0; count -= 1)
    times.add(middle + Math.round((next() - past) * 40) * step + upTo(next, 3) * 7 * minute)
  return [...times].sort((a, b) => b - a)
}

/** A policy that restic understands, too, with at least one rule. */
export function policy(next: Random): PolicyInput & { keepWithin?: string | undefined } {
  const limit = () => (next() < 0.6 ? 0 : 1 + upTo(next, 8))
  const counts = {
    keepLast: limit(),
    hourly: limit(),
    daily: limit(),
    weekly: limit(),
    monthly: limit(),
    yearly: limit(),
  }
  const units = (['y', 'm', 'd', 'h'] as const).map((unit) =>
    next() < 0.4 ? `${1 + upTo(next, unit === 'y' ? 2 : 30)}${unit}` : '',
  )
  const within = units.join('')
  const hasWithin = within !== '' && next() < 0.6
  if (!hasWithin && Object.values(counts).every((count) => count === 0)) return { ...counts, keepLast: 1 }
  return { ...counts, ...(hasWithin ? { keepWithin: within } : {}) }
}
