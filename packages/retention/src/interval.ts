/** A length of calendar and clock time. */
export interface Interval {
  /** As it was given, for messages: `30d`, `1y6m`, `3600000 ms`. */
  readonly text: string
  /** Calendar months; a year is twelve. */
  readonly months: number
  /** Calendar days; a week is seven. One in which clocks change has 23 or 25 hours. */
  readonly days: number
  /** Everything else, in ms. */
  readonly ms: number
}

const hour = 3_600_000
const day = 24 * hour
const pattern = /^(?=.)(?:(\d{1,4})y)?(?:(\d{1,4})m)?(?:(\d{1,4})w)?(?:(\d{1,4})d)?(?:(\d{1,4})h)?$/

/**
 * Reads `30d`, `12h`, `2w`, `1y6m`: years, months, weeks, days and hours, in this order; or a number of ms.
 * `undefined` for anything else, and for a length of zero.
 */
export function parseInterval(given: string | number): Interval | undefined {
  if (typeof given === 'number')
    return Number.isSafeInteger(given) && given > 0
      ? { text: `${given} ms`, months: 0, days: 0, ms: given }
      : undefined
  const match = pattern.exec(given)
  if (match === null) return undefined
  const [years = 0, months = 0, weeks = 0, days = 0, hours = 0] = match
    .slice(1)
    .map((digits) => Number(digits ?? 0))
  const interval = { text: given, months: years * 12 + months, days: weeks * 7 + days, ms: hours * hour }
  return interval.months + interval.days + interval.ms > 0 ? interval : undefined
}

/**
 * The instant one interval before another, both in ms since 1970. Months and days are those of the local calendar,
 * whose time `localTime` gives; hours are hours. In doubt, a little more is kept rather than less: if the month reached
 * is too short, its last day stands in (a month before 31 March is the end of February); of a time that comes twice the
 * earlier is meant, and for one that clocks skip the one before the gap.
 */
export function before(
  instant: number,
  { months, days, ms }: Interval,
  localTime: (instant: number) => number = (utc) => utc,
): number {
  if (months === 0 && days === 0) return instant - ms
  // Local time is computed in whole seconds.
  const fraction = ((instant % 1000) + 1000) % 1000
  const local = localTime(instant - fraction)
  return earliest(daysBefore(monthsBefore(local, months), days), localTime) + fraction - ms
}

const daysBefore = (local: number, days: number) => local - days * day

function monthsBefore(local: number, months: number): number {
  const from = new Date(local)
  const month = from.getUTCMonth() - months
  const lastDay = new Date(Date.UTC(from.getUTCFullYear(), month + 1, 0)).getUTCDate()
  return new Date(local).setUTCFullYear(from.getUTCFullYear(), month, Math.min(from.getUTCDate(), lastDay))
}

/** The first instant at which a clock on the wall shows a time. Clocks change by less than a day, and not twice in two. */
function earliest(local: number, localTime: (instant: number) => number): number {
  const offsets = [local - day, local + day].map((near) => localTime(near) - near)
  const candidates = offsets.map((offset) => local - offset)
  const real = candidates.filter((candidate) => localTime(candidate) === local)
  return Math.min(...(real.length > 0 ? real : candidates))
}
