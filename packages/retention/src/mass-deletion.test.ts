import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Backup, type PolicyInput, parsePolicy, plan } from './index.js'

const hour = 3_600_000
const start = Date.parse('2024-01-01T02:00:00Z')

const every = (hours: number, count: number, more: Partial<Backup> = {}): Backup[] =>
  Array.from({ length: count }, (_, i) => ({
    id: `${more.series ?? 'full'}-${i}`,
    startedAt: new Date(start + i * hours * hour),
    parent: null,
    complete: true,
    ...more,
  }))

const planFor = (backups: readonly Backup[], input: PolicyInput, options = {}) =>
  plan(backups, parsePolicy(input), new Date('2030-01-01'), options)

/** Makes the backups in turn, prunes after every few, and returns the first plan that was blocked, if any. */
function firstBlocked(backups: readonly Backup[], input: PolicyInput, every = 1): string | null {
  let left: Backup[] = []
  for (let made = 0; made < backups.length; made += every) {
    left = [...left, ...backups.slice(made, made + every)]
    const { keep, blocked } = planFor(left, input)
    if (blocked !== null) return blocked
    const kept = new Set(keep.map(({ id }) => id))
    left = left.filter(({ id }) => kept.has(id))
  }
  return null
}

describe('a plan is blocked', () => {
  test('when a policy meets a long history for the first time', () => {
    const { blocked, remove } = planFor(every(24, 800), { daily: 7, weekly: 4, monthly: 12, yearly: 3 })
    expect(blocked).toMatch(/^this would delete 779 of 800 complete backups \(safety limit: 50 %\)$/)
    expect(remove).toHaveLength(779)
  })

  test('when a digit of a count was lost', () => {
    const settled = every(24, 30)
    expect(planFor(settled, { daily: 30 }).blocked).toBeNull()
    expect(planFor(settled, { daily: 3 }).blocked).not.toBeNull()
  })

  test('when many new backups at once would displace all existing ones', () => {
    expect(planFor(every(1, 14), { keepLast: 7 }).blocked).toBeNull()
    expect(planFor(every(1, 15), { keepLast: 7 }).blocked).not.toBeNull()
  })

  test('when this applies to one series of several, and names the series', () => {
    const backups = [...every(24, 10, { series: 'orders' }), ...every(24, 3, { series: 'users' })]
    expect(planFor(backups, { keepLast: 3 }).blocked).toContain("of the series 'orders'")
  })

  test('when pruning runs less often than the finest rule reaches back', () => {
    expect(firstBlocked(every(24, 60), { daily: 7, weekly: 4 }, 30)).not.toBeNull()
  })

  test('not when few backups are concerned', () => {
    expect(planFor(every(24, 3), { keepLast: 1 }).blocked).toBeNull()
  })

  test('not with force, and not without a guard', () => {
    expect(planFor(every(24, 800), { daily: 7 }, { force: true }).blocked).toBeNull()
    expect(planFor(every(24, 800), { daily: 7, maxShareRemoved: false }).blocked).toBeNull()
  })

  test('by the share that the policy names', () => {
    expect(planFor(every(24, 10), { keepLast: 3, maxShareRemoved: 0.7 }).blocked).toBeNull()
    expect(planFor(every(24, 10), { keepLast: 3, maxShareRemoved: 0.69 }).blocked).not.toBeNull()
  })
})

describe('regular pruning is never blocked:', () => {
  const weekly = every(24, 60).map(
    (backup, i, all): Backup => ({ ...backup, parent: i % 7 === 0 ? null : (all[i - 1]?.id ?? null) }),
  )

  test('a new full backup that makes the whole chain before it superfluous', () => {
    expect(firstBlocked(weekly, { keepLast: 1 })).toBeNull()
  })

  test('hourly backups, pruned once a day down to a few days', () => {
    expect(firstBlocked(every(1, 24 * 20), { daily: 7 }, 24)).toBeNull()
    expect(firstBlocked(every(1, 24 * 20), { hourly: 24, daily: 3 }, 24)).toBeNull()
  })

  test('daily backups, pruned once a week', () => {
    expect(firstBlocked(every(24, 600), { daily: 7, weekly: 4, monthly: 12 }, 7)).toBeNull()
  })

  test('with any policy and any backups, if pruned after each', () => {
    const step = fc.record({
      hours: fc.integer({ min: 1, max: 800 }),
      full: fc.boolean(),
      complete: fc.boolean(),
    })
    const limit = fc.integer({ min: 0, max: 4 })
    const rules = fc.record({
      keepLast: limit,
      hourly: limit,
      daily: limit,
      weekly: limit,
      monthly: limit,
      yearly: limit,
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), rules, (steps, policy) => {
        let time = start
        const backups = steps.map(({ hours, full, complete }, i): Backup => {
          time += hours * hour
          return {
            id: `b-${i}`,
            startedAt: new Date(time),
            parent: full || i === 0 ? null : `b-${i - 1}`,
            complete,
          }
        })
        expect(firstBlocked(backups, policy)).toBeNull()
      }),
    )
  })
})
