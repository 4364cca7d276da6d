/** The calendar periods that a rule can count, fine to coarse. */
export const periods = ['hourly', 'daily', 'weekly', 'monthly', 'quarterly', 'yearly'] as const
export type Period = (typeof periods)[number]

/** The name of a period in a sentence. */
export const periodNoun = {
  hourly: 'hour',
  daily: 'day',
  weekly: 'week',
  monthly: 'month',
  quarterly: 'quarter',
  yearly: 'year',
} as const satisfies Record<Period, string>

/** The name of the period of each length that contains an instant: `2024-03-15`, `2024-W11`, `2024-Q1`. */
export type PeriodNames = Readonly<Record<Period, string>>

const hour = 3_600_000
const day = 24 * hour

/**
 * Names the periods of an instant (ms since 1970) in one IANA time zone. It always converts the instant to local time,
 * never the other way, so hours that a clock change skips or repeats need no guess: the two hours that share a name
 * when clocks go back differ in their offset from UTC.
 *
 * Weeks are ISO 8601 weeks with their own year: 31 December 2024 lies in 2025-W01, and in the year 2024.
 */
export function calendar(timezone: string): (instant: number) => PeriodNames {
  const localTime = localTimeIn(timezone)
  return (instant) => {
    const local = localTime(instant)
    const [date = '', time = ''] = new Date(local).toISOString().split('T')
    const year = date.slice(0, -6)
    const month = new Date(local).getUTCMonth()
    return {
      hourly: `${date} ${time.slice(0, 2)}:00${offsetName(local - instant)}`,
      daily: date,
      weekly: isoWeek(local),
      monthly: date.slice(0, -3),
      quarterly: `${year}-Q${Math.floor(month / 3) + 1}`,
      yearly: year,
    }
  }
}

/** Whether the runtime knows the name as a time zone. Fixed offsets such as `+02:00` are not names. */
export function isTimezone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}

/** Local wall-clock time, written as the ms since 1970 at which a clock in UTC would show the same. */
export function localTimeIn(timezone: string): (instant: number) => number {
  // Created once: creating a formatter costs far more than using it.
  const formatter = new Intl.DateTimeFormat('en-u-ca-iso8601-nu-latn', {
    timeZone: timezone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  return (instant) => {
    const part = { year: 0, month: 1, day: 1, hour: 0, minute: 0, second: 0 }
    for (const { type, value } of formatter.formatToParts(instant))
      if (type in part) Object.assign(part, { [type]: Number(value) })
    return Date.UTC(part.year, part.month - 1, part.day, part.hour, part.minute, part.second)
  }
}

/** The week belongs to the year of its Thursday. */
function isoWeek(local: number): string {
  const sinceMonday = (new Date(local).getUTCDay() + 6) % 7
  const thursday = Math.floor(local / day) * day + (3 - sinceMonday) * day
  const year = new Date(thursday).getUTCFullYear()
  const week = Math.floor((thursday - Date.UTC(year, 0, 1)) / (7 * day)) + 1
  return `${year}-W${String(week).padStart(2, '0')}`
}

function offsetName(offset: number): string {
  const minutes = Math.round(offset / 60_000)
  if (minutes === 0) return ' UTC'
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60]
  return ` UTC${minutes < 0 ? '-' : '+'}${hours}${rest === 0 ? '' : `:${String(rest).padStart(2, '0')}`}`
}
