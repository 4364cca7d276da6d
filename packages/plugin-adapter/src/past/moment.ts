import { BackupError, type Operation } from '@s3db-backup/core'

/** A moment: a date, ms since 1970, a text with a zone (`2024-03-15T14:30:00Z`), or `10 minutes ago`. */
export type Moment = Date | string | number

const units: Readonly<Record<string, number>> = {
  second: 1000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
  week: 604_800_000,
}

/** Throws `invalid_options` for an invalid moment, for a time without a zone, and for one in the future. */
export function parseMoment(given: Moment, operation: Operation, now: number = Date.now()): Date {
  const time = typeof given === 'string' ? parseText(given, operation, now) : new Date(given)
  if (Number.isNaN(time.getTime())) throw wrong(`${String(given)} is not a time`, operation)
  if (time.getTime() > now + largestSkew)
    throw wrong(`${time.toISOString()} is in the future; only the past can be read`, operation)
  return time
}

/** How far, in ms, clocks of a storage and of this machine may differ. */
const largestSkew = 15 * 60_000

function parseText(text: string, operation: Operation, now: number): Date {
  const ago = /^\s*(\d+)\s*(second|minute|hour|day|week)s?\s+ago\s*$/i.exec(text)
  if (ago !== null)
    return new Date(now - Number(ago[1]) * (units[(ago[2] ?? '').toLowerCase()] ?? Number.NaN))
  const form = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)\s*(Z|[+-]\d{2}:?\d{2})?$/i.exec(
    text.trim(),
  )
  if (form === null) throw wrong(`${JSON.stringify(text)} is not a time`, operation)
  const [, day = '', clock = '', zone] = form
  if (zone === undefined) throw wrong(`${text} has no time zone, so it names no exact moment`, operation)
  const offset = zone.toUpperCase() === 'Z' ? 'Z' : zone.replace(/^([+-]\d{2}):?(\d{2})$/, '$1:$2')
  const time = new Date(`${day}T${clock}${offset}`)
  // Date reads February 30 as March 1.
  const there =
    Number(day.slice(8)) <=
    new Date(Date.UTC(Number(day.slice(0, 4)), Number(day.slice(5, 7)), 0)).getUTCDate()
  return there ? time : new Date(Number.NaN)
}

function wrong(message: string, operation: Operation): BackupError {
  return new BackupError('invalid_options', message, {
    operation,
    suggestion:
      'Give a time with its zone, such as 2024-03-15T14:30:00Z or 2024-03-15T14:30:00+01:00, or a distance, such as "10 minutes ago".',
  })
}
