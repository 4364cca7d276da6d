import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { calendar, localTimeIn } from '../../src/calendar.js'
import { parsePolicy, plan } from '../../src/index.js'
import { history, policy, random, timezones } from './histories.ts'
import { restic, resticRepository } from './repository.ts'

// Compares random plans with those of `restic forget --dry-run`. RESTIC_PLANS sets how many, RESTIC_SEED which ones.
const plans = Number(process.env.RESTIC_PLANS ?? 5000)
const seed = Number(process.env.RESTIC_SEED ?? 1)
const hosts = 50
const policiesEach = 10

const folder = mkdtempSync(join(tmpdir(), 's3db-backup-restic-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const hasRestic = (() => {
  try {
    return execFileSync('restic', ['version'], { encoding: 'utf8' }).startsWith('restic')
  } catch {
    return false
  }
})()

test.skipIf(!hasRestic)(
  `${plans} random plans are those of restic, but for what the README explains`,
  { timeout: 24 * 3_600_000 },
  () => {
    const next = random(seed)
    const repository = resticRepository(join(folder, 'repository'))
    const causes = new Map<string, number>()
    let compared = 0
    for (let round = 0; compared < plans; round += 1) {
      const timezone = timezones[round % timezones.length] ?? 'UTC'
      const localTime = localTimeIn(timezone)
      repository.clear()
      const histories = Array.from({ length: hosts }, () => history(next, timezone))
      for (const [host, times] of histories.entries())
        repository.write(
          `h${host}`,
          times.map((time) => withOffset(time, localTime)),
        )
      for (let each = 0; each < policiesEach; each += 1) {
        const wanted = policy(next)
        const theirs = planOfRestic(wanted, timezone)
        for (const [host, times] of histories.entries()) {
          const ours = planOfOurs(times, wanted, timezone)
          for (const cause of differences(times, ours, theirs.get(`h${host}`) ?? new Set(), wanted, timezone))
            causes.set(cause, (causes.get(cause) ?? 0) + 1)
          compared += 1
        }
      }
    }
    console.info(`${compared} plans`, Object.fromEntries(causes))
    expect([...causes.keys()].filter((cause) => cause.startsWith('unexplained'))).toEqual([])
  },
)

/** By host: the times that restic keeps. */
function planOfRestic(wanted: ReturnType<typeof policy>, timezone: string): Map<string, Set<number>> {
  const counts = {
    last: wanted.keepLast,
    hourly: wanted.hourly,
    daily: wanted.daily,
    weekly: wanted.weekly,
    monthly: wanted.monthly,
    yearly: wanted.yearly,
  }
  const options = Object.entries(counts).flatMap(([name, count]) =>
    count === 0 ? [] : [`--keep-${name}`, String(count)],
  )
  const within = wanted.keepWithin === undefined ? [] : ['--keep-within', wanted.keepWithin]
  const said: readonly { host: string; keep: { time: string }[] }[] = JSON.parse(
    restic(
      join(folder, 'repository'),
      timezone,
      'forget',
      '--dry-run',
      '--json',
      '--group-by',
      'host',
      ...options,
      ...within,
    ),
  )
  return new Map(said.map(({ host, keep }) => [host, new Set(keep.map(({ time }) => Date.parse(time)))]))
}

/** By time: why ours keeps it. */
function planOfOurs(
  times: readonly number[],
  wanted: ReturnType<typeof policy>,
  timezone: string,
): Map<number, readonly string[]> {
  const backups = times.map((time) => ({
    id: `b-${time}`,
    startedAt: new Date(time),
    parent: null,
    complete: true,
  }))
  const { keep } = plan(
    backups,
    parsePolicy({ ...wanted, timezone, maxShareRemoved: false }),
    new Date('2050-01-01'),
  )
  return new Map(keep.map(({ startedAt, reasons }) => [Date.parse(startedAt), reasons]))
}

/** Where ours and theirs differ, and why; the README of the package explains each cause. */
function differences(
  times: readonly number[],
  ours: ReadonlyMap<number, readonly string[]>,
  theirs: ReadonlySet<number>,
  wanted: ReturnType<typeof policy>,
  timezone: string,
): string[] {
  const hourTwice = wanted.hourly !== 0 && hasHourTwice(times, timezone)
  return times.flatMap((time) => {
    const reasons = ours.get(time)
    if ((reasons !== undefined) === theirs.has(time)) return []
    if (reasons === undefined)
      return hourTwice ? ['fewer: an hour came twice and counts as two'] : [unexplained('fewer')]
    if (reasons.every((reason) => reason.startsWith('oldest, kept until')))
      return ['more: the oldest, until a rule is full']
    if (hourTwice && reasons.some((reason) => reason.startsWith('newest of hour')))
      return ['more: an hour came twice and counts as two']
    if (reasons.some((reason) => reason.startsWith('within')) && monthEnd(times[0] ?? 0, timezone))
      return ['more: a month was too short']
    return [unexplained('more')]
  })

  function unexplained(how: string): string {
    return `unexplained, ${how}: ${JSON.stringify({ wanted, timezone, times: times.map((time) => new Date(time)), ours: [...ours], theirs: [...theirs] })}`
  }
}

function hasHourTwice(times: readonly number[], timezone: string): boolean {
  const hours = new Set(times.map((time) => calendar(timezone)(time).hourly))
  const onTheWall = new Set([...hours].map((hour) => hour.slice(0, 16)))
  return onTheWall.size < hours.size
}

const monthEnd = (newest: number, timezone: string) => Number(calendar(timezone)(newest).daily.slice(-2)) > 28

/** As restic writes times: with the offset of the time zone. */
function withOffset(time: number, localTime: (instant: number) => number): string {
  const local = localTime(time)
  const minutes = Math.round((local - time) / 60_000)
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60].map((part) =>
    String(part).padStart(2, '0'),
  )
  return `${new Date(local).toISOString().slice(0, 19)}${minutes < 0 ? '-' : '+'}${hours}:${rest}`
}
