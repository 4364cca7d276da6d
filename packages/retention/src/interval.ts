/** A length of calendar and clock time. */
export interface Interval {
  /** As it was given, for messages: `30d`, `1y6m`, `3600000 ms`. */
  readonly text: string
  /** Calendar months; a year is twelve. */
  readonly months: number
  /** Everything else, in ms; a day is 24 hours, a week seven days. */
  readonly ms: number
}

const hour = 3_600_000
const pattern = /^(?=.)(?:(\d{1,4})y)?(?:(\d{1,4})m)?(?:(\d{1,4})w)?(?:(\d{1,4})d)?(?:(\d{1,4})h)?$/

/**
 * Reads `30d`, `12h`, `2w`, `1y6m`: years, months, weeks, days and hours, in this order; or a number of ms.
 * `undefined` for anything else, and for a length of zero.
 */
export function parseInterval(given: string | number): Interval | undefined {
  if (typeof given === 'number')
    return Number.isSafeInteger(given) && given > 0
      ? { text: `${given} ms`, months: 0, ms: given }
      : undefined
  const match = pattern.exec(given)
  if (match === null) return undefined
  const [years = 0, months = 0, weeks = 0, days = 0, hours = 0] = match
    .slice(1)
    .map((digits) => Number(digits ?? 0))
  const interval = { text: given, months: years * 12 + months, ms: ((weeks * 7 + days) * 24 + hours) * hour }
  return interval.months + interval.ms > 0 ? interval : undefined
}

/**
 * The instant that lies the interval before another, both in ms since 1970. Months are those of the UTC
 * calendar; where the month reached is too short, its last day stands in (a month before 31 March is the end
 * of February), which keeps a little more rather than less.
 */
export function before(instant: number, { months, ms }: Interval): number {
  if (months === 0) return instant - ms
  const from = new Date(instant)
  const month = from.getUTCMonth() - months
  const lastDay = new Date(Date.UTC(from.getUTCFullYear(), month + 1, 0)).getUTCDate()
  return (
    new Date(instant).setUTCFullYear(from.getUTCFullYear(), month, Math.min(from.getUTCDate(), lastDay)) - ms
  )
}
