import type { NextRun } from '@s3db-backup/plugin-adapter'
import { expect, test } from 'vitest'
import { type DrillResult, type HealthRules, type Success, watchHealth } from './health.js'

const hour = 3_600_000
const rules: HealthRules = { grace: hour, maxAge: undefined }
const success = (at: number): Success => ({
  id: 'full-2024-03-15T14-30-45-abc123',
  at,
  bytes: 10,
  records: 1,
  duration: 5,
  verified: true,
})

/** A schedule that is due every hour, and a clock. */
function hourly(given: Partial<HealthRules> = {}, lastSuccess?: Success, drills: DrillResult[] = []) {
  let now = 0
  const nextRuns = (): NextRun[] => {
    const at = new Date((Math.floor(now / hour) + 1) * hour)
    const drill = { name: 'drill', cron: '30 * * * *', type: 'drill', at: new Date(at.getTime() - hour / 2) }
    return [drill, { name: 'hourly', cron: '0 * * * *', type: 'full', at }]
  }
  const watch = watchHealth(nextRuns, { ...rules, ...given }, { lastSuccess, drills })
  return {
    watch,
    at(hours: number) {
      now = hours * hour
      return watch.look(now)
    },
  }
}

test('it is healthy before the first backup is due', () => {
  expect(hourly().at(0.5)).toMatchObject({ healthy: true, reason: null, lastSuccess: undefined })
})

test('a due backup may take its grace time, and is overdue after it', () => {
  const { at } = hourly()
  expect(at(1).healthy).toBe(true)
  expect(at(2).healthy).toBe(true)
  expect(at(2.1)).toMatchObject({ healthy: false, reason: expect.stringContaining('1970-01-01T01:00:00') })
  expect(at(5).reason).toContain('1970-01-01T01:00:00')
})

test('a success ends that, and the next one is due again', () => {
  const { watch, at } = hourly()
  at(1)
  watch.succeeded(success(1.2 * hour))
  expect(at(1.9)).toMatchObject({ healthy: true, age: 0.7 * hour, successes: 1 })
  at(2)
  expect(at(3.1).healthy).toBe(false)
})

test('after a failure it is unhealthy until a backup succeeds', () => {
  const { watch, at } = hourly({}, success(0))
  watch.began()
  expect(at(0.1).running).toBe(true)
  watch.failed({ at: 0.1 * hour, message: 'the disk is full' })
  expect(at(0.2)).toMatchObject({
    healthy: false,
    running: false,
    failures: 1,
    reason: 'the last backup failed: the disk is full',
  })
  watch.succeeded(success(0.3 * hour))
  expect(at(0.3)).toMatchObject({ healthy: true, failures: 1, lastFailure: undefined })
})

test('a backup stopped on purpose is not a failure', () => {
  const { watch, at } = hourly()
  watch.began()
  watch.stopped()
  expect(at(0.1)).toMatchObject({ healthy: true, running: false, failures: 0 })
})

test('with a maximum age, no backup or an older one is unhealthy, however it was made', () => {
  expect(hourly({ maxAge: 2 * hour }).at(0).reason).toBe('there is no backup')
  const { at } = hourly({ maxAge: 2 * hour, grace: 100 * hour }, success(0))
  expect(at(2).healthy).toBe(true)
  expect(at(2.1).reason).toContain('the newest backup is from 1970-01-01T00:00:00')
})

test('a warning is shown until the next backup, and is unhealthy with strict', () => {
  for (const strict of [false, true]) {
    const { watch, at } = hourly({ strict })
    watch.succeeded(success(0))
    watch.warned('far does not have the backup')
    expect(at(0.1)).toMatchObject({ healthy: !strict, warnings: ['far does not have the backup'] })
    watch.succeeded(success(0.2 * hour))
    expect(at(0.3)).toMatchObject({ healthy: true, warnings: [] })
  }
})

test('a negative age is unhealthy: the age of a backup dated ahead is unknown', () => {
  const { watch, at } = hourly({}, success(3 * hour))
  expect(at(0.5)).toMatchObject({
    healthy: false,
    age: -2.5 * hour,
    reason: expect.stringContaining('dated ahead of this machine'),
  })
  watch.succeeded(success(0.5 * hour + 5))
  expect(at(0.5)).toMatchObject({ healthy: true, age: 0 })
})

test('a failed drill is unhealthy until one passes, and the last passed one is remembered', () => {
  const { watch, at } = hourly({ grace: 100 * hour }, success(0), [
    { at: 3 * hour, ok: false },
    { at: 2 * hour, ok: true },
    { at: hour, ok: true },
  ])
  expect(at(4)).toMatchObject({
    healthy: false,
    reason: expect.stringContaining('drill of 1970-01-01T03:00:00'),
    lastDrillSuccess: 2 * hour,
    drillAge: 2 * hour,
  })
  watch.drilled({ at: 4 * hour, ok: true })
  expect(at(4.5)).toMatchObject({ healthy: true, lastDrill: { ok: true }, drillAge: 0.5 * hour })
})

test('a drill is not a backup: neither makes the other overdue, and neither replaces the other', () => {
  const { watch, at } = hourly()
  at(1)
  watch.drilled({ at: 1.5 * hour, ok: true })
  expect(at(2.1)).toMatchObject({ healthy: false, reason: expect.stringContaining('1970-01-01T01:00:00') })
})
