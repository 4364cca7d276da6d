import type { KeptDrill } from '@s3db-backup/plugin-adapter'
import type { ListedBackup } from '../../api/backups.js'
import type { Concern, Home, Moment, Series } from '../../api/home.js'
import { type Seen, saysGone } from '../known-overview.js'
import type { ScheduleLine } from './schedule-lines.js'

/** How late a backup may be before it counts as overdue, in ms. The same as in `schedule`. */
const grace = 60 * 60 * 1000
/** After so long without one, nobody has tried. */
const drillAge = 90 * 24 * 60 * 60 * 1000
const momentsShown = 200

interface Known {
  readonly backups: readonly ListedBackup[]
  readonly drills: readonly KeptDrill[]
  readonly schedule: readonly ScheduleLine[]
  readonly now: Date
  readonly running: readonly string[]
  /** Backups that were here, if none is left, though nobody removed one from here. */
  readonly gone: Seen['gone']
}

/** Can it be restored, from when, and has anybody tried? */
export function homeView({
  backups,
  drills,
  schedule,
  now,
  running,
  gone,
}: Known): Omit<Home, 'lookedAt' | 'fresh'> {
  const finished = backups.filter((one) => one.series !== null)
  const groups = new Map<string, ListedBackup[]>()
  for (const backup of finished) {
    const key = backup.series ?? ''
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [backup])
    else group.push(backup)
  }
  const all = [...groups].map(([key, some]) => seriesOf(key, some, schedule, now))
  const series = all.sort((a, b) => (b.newest?.at ?? '').localeCompare(a.newest?.at ?? ''))
  const [last] = drills
  const good = drills.find(({ ok }) => ok)
  const concerns = [
    ...goneConcerns(gone),
    ...series.flatMap((one) => concernsOf(one)),
    ...neverMade(schedule, finished, now),
    ...backups.flatMap(concernOf),
    ...drillConcerns(last, good, { now, any: finished.length > 0 }),
  ]
  const restorable = series.filter(({ newest }) => newest !== null)
  return {
    now: now.toISOString(),
    answer: answerOf({ all: series.length, restorable, concerns }),
    series,
    concerns: [...concerns.filter(isBad), ...concerns.filter((one) => !isBad(one))].slice(0, 50),
    lastDrill: summary(last),
    lastGoodDrill: summary(good),
    running: [...running],
    bytes: backups.reduce((sum, { bytes }) => sum + bytes, 0),
    backups: finished.length,
  }
}

const isBad = ({ level }: Concern): boolean => level === 'bad'

interface Found {
  readonly all: number
  readonly restorable: readonly Series[]
  readonly concerns: readonly Concern[]
}

function answerOf({ all, restorable, concerns }: Found): Home['answer'] {
  if (restorable.length === 0) return all === 0 && !concerns.some(isBad) ? 'nothing' : 'no'
  if (restorable.every((one) => one.locked === one.restorable)) return 'locked'
  const whole = restorable.length === all && restorable.every(({ locked }) => locked === 0)
  return whole && !concerns.some(isBad) ? 'yes' : 'partly'
}

function summary(drill: KeptDrill | undefined): Home['lastDrill'] {
  return drill === undefined ? null : { at: drill.startedAt, ok: drill.ok, key: drill.key }
}

function seriesOf(
  key: string,
  backups: readonly ListedBackup[],
  schedule: readonly ScheduleLine[],
  now: Date,
): Series {
  const moments = backups.map(momentOf).sort((a, b) => a.at.localeCompare(b.at))
  const sound = backups.filter(isRestorable)
  const dated = sound.filter(({ datedAhead }) => !datedAhead).map(momentOf)
  const newest = dated.reduce<Moment | null>(
    (best, one) => (best === null || one.at > best.at ? one : best),
    null,
  )
  const oldest = dated.reduce<string | null>((best, { at }) => (best === null || at < best ? at : best), null)
  const names = scheduleNames(backups)
  const lines = schedule.filter(({ name, type }) => type !== 'drill' && names.has(name))
  const due = lines.reduce<Date | undefined>(
    (latest, { previous }) =>
      previous !== undefined && (latest === undefined || previous > latest) ? previous : latest,
    undefined,
  )
  const next = lines.reduce<Date | undefined>(
    (soonest, line) =>
      line.next !== undefined && (soonest === undefined || line.next < soonest) ? line.next : soonest,
    undefined,
  )
  const isLate = due !== undefined && now.getTime() - due.getTime() > grace
  const since = newest === null ? Number.NEGATIVE_INFINITY : Date.parse(newest.at)
  return {
    key,
    name: nameOf(backups),
    newest,
    oldest,
    restorable: sound.length,
    locked: sound.filter(({ locked }) => locked).length,
    count: backups.length,
    schedule: lines.length === 0 ? null : lines.map(({ name, cron }) => `${name} (${cron})`).join(', '),
    dueBefore: due?.toISOString() ?? null,
    dueNext: next?.toISOString() ?? null,
    // A run may be dated a moment before its due time.
    overdue: isLate && since < due.getTime() - 60_000,
    moments: moments.slice(-momentsShown),
  }
}

function momentOf(backup: ListedBackup): Moment {
  const { id, at, type, parent, bytes, duration } = backup
  return {
    ...{ id, parent, bytes },
    at: at ?? '',
    type: type ?? '',
    duration: duration ?? 0,
    restorable: isRestorable(backup),
  }
}

function isRestorable({ state }: ListedBackup): boolean {
  return state === 'complete' || state === 'incomplete'
}

/** The notes of a backup name its schedule, or several. */
function scheduleNames(backups: readonly ListedBackup[]): ReadonlySet<string> {
  return new Set(
    backups.flatMap(({ tags: { schedule } }) => {
      if (schedule === undefined) return []
      try {
        const parsed: unknown = JSON.parse(schedule)
        return Array.isArray(parsed) ? parsed.map(String) : [schedule]
      } catch {
        return [schedule]
      }
    }),
  )
}

function nameOf(backups: readonly ListedBackup[]): string {
  const newest = backups.reduce<ListedBackup | undefined>(
    (best, one) => ((one.at ?? '') > (best?.at ?? '') ? one : best),
    backups[0],
  )
  const { resources = [], locked = false } = newest ?? {}
  if (locked) return 'encrypted'
  if (resources.length === 0) return 'no resources'
  const more = resources.length - 3
  return `${resources.slice(0, 3).join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

function goneConcerns(gone: Seen['gone']): Concern[] {
  const text = saysGone(gone)
  return text === null ? [] : [{ level: 'bad', text, backup: null }]
}

function concernsOf(series: Series): Concern[] {
  const { name, newest, overdue, dueBefore, count } = series
  if (newest === null)
    return [{ level: 'bad', text: `None of the ${count} backups of ${name} can be restored`, backup: null }]
  const missing = `The backup of ${name} due at ${dueBefore} is missing`
  return [
    ...(overdue ? [{ level: 'bad' as const, text: missing, backup: newest.id }] : []),
    ...lockedConcerns(series),
  ]
}

function lockedConcerns({ key, locked, restorable }: Series): Concern[] {
  if (locked === 0) return []
  const text = `No key here opens ${locked} of ${restorable} restorable backups of series ${key}: restore them where the key is`
  return [{ level: 'warn', text, backup: null }]
}

function neverMade(
  schedule: readonly ScheduleLine[],
  backups: readonly ListedBackup[],
  now: Date,
): Concern[] {
  const made = scheduleNames(backups)
  return schedule
    .filter(({ name, type }) => type !== 'drill' && !made.has(name))
    .filter(({ previous }) => previous !== undefined && now.getTime() - previous.getTime() > grace)
    .map(({ name }) => ({
      level: 'warn',
      text: `The schedule has '${name}', but there is no backup of it here`,
      backup: null,
    }))
}

function concernOf({ id, state, why, datedAhead }: ListedBackup): Concern[] {
  const text = `${id}: ${why ?? state}`
  if (state === 'damaged' || state === 'broken') return [{ level: 'bad', text, backup: id }]
  if (state === 'failed' || state === 'abandoned' || state === 'incomplete' || datedAhead)
    return [{ level: 'warn', text, backup: id }]
  return []
}

function drillConcerns(
  last: KeptDrill | undefined,
  good: KeptDrill | undefined,
  { now, any }: { readonly now: Date; readonly any: boolean },
): Concern[] {
  if (!any) return []
  if (last?.ok === false) return [{ level: 'bad', text: 'The last drill failed', backup: null }]
  if (good === undefined)
    return [{ level: 'warn', text: 'No restore has been tried: there is no drill report here', backup: null }]
  return now.getTime() - Date.parse(good.startedAt) > drillAge
    ? [{ level: 'warn', text: 'The last drill that passed is more than 90 days old', backup: null }]
    : []
}
