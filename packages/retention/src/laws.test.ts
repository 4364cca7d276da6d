import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Backup, type PolicyInput, parsePolicy, plan } from './index.js'

const day = 86_400_000
const start = Date.parse('2023-01-01T00:00:00Z')
const now = new Date('2027-01-01T00:00:00Z')
const rules = ['keepLast', 'hourly', 'daily', 'weekly', 'monthly', 'quarterly', 'yearly'] as const

/** Up to three years of backups at quarter-hour steps, some at the same instant, in two series, some in chains. */
const backups: fc.Arbitrary<Backup[]> = fc
  .array(
    fc.record({
      quarter: fc.oneof(fc.integer({ min: 0, max: 3 * 365 * 96 }), fc.integer({ min: 0, max: 10 * 96 })),
      parent: fc.option(fc.nat(), { freq: 3 }),
      broken: fc.integer({ min: 0, max: 9 }),
      knownLosses: fc.boolean(),
      series: fc.constantFrom('orders', 'users'),
    }),
    { maxLength: 40 },
  )
  .map((seeds) =>
    seeds.map(({ quarter, parent, broken, knownLosses, series }, i): Backup => {
      const older = seeds.slice(0, i).flatMap((seed, j) => (seed.series === series ? [`b-${j}`] : []))
      const startedAt = new Date(start + quarter * (day / 96))
      const parentId = parent === null ? null : (older[parent % Math.max(1, older.length)] ?? null)
      return { id: `b-${i}`, startedAt, parent: parentId, complete: broken > 1, knownLosses, series }
    }),
  )

const limit = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 6 }) },
  { weight: 1, arbitrary: fc.constant('all' as const) },
)

const policies: fc.Arbitrary<PolicyInput> = fc.record({
  ...Object.fromEntries(rules.map((rule) => [rule, limit])),
  keepWithin: fc.constantFrom(null, '12h', '30d', '1y6m'),
  minKeep: fc.integer({ min: 1, max: 4 }),
  timezone: fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata'),
  pins: fc.uniqueArray(
    fc.integer({ min: 0, max: 39 }).map((i) => `b-${i}`),
    { maxLength: 2 },
  ),
})

const hasRule = (policy: PolicyInput) =>
  policy.keepWithin !== null || rules.some((rule) => policy[rule] !== 0)

const planFor = (list: readonly Backup[], policy: PolicyInput, at = now) =>
  plan(list, parsePolicy(policy), at)
const counts = ({ complete, knownLosses = false }: Backup) => complete || knownLosses
const keptIds = (list: readonly Backup[], policy: PolicyInput, at = now) =>
  new Set(planFor(list, policy, at).keep.map(({ id }) => id))
const law = (name: string, check: (list: Backup[], policy: PolicyInput) => void) =>
  test(name, () => fc.assert(fc.property(backups, policies, check), { numRuns: 100 }))

describe('for any backups and any policy', () => {
  law('every backup is either kept or removed, and has a reason', (list, policy) => {
    const { keep, remove } = planFor(list, policy)
    const decisions = [...keep, ...remove]
    expect(decisions.map(({ id }) => id).sort()).toEqual(list.map(({ id }) => id).sort())
    for (const { reasons } of decisions) expect(reasons.length).toBeGreaterThan(0)
  })

  law('the order in which the backups come makes no difference', (list, policy) => {
    const turned = [...list.slice(list.length / 2), ...list.slice(0, list.length / 2)].reverse()
    expect(planFor(turned, policy)).toEqual(planFor(list, policy))
  })

  law('a second prune removes nothing, however much later', (list, policy) => {
    const kept = keptIds(list, policy)
    const left = list.filter(({ id }) => kept.has(id))
    expect(planFor(left, policy).remove).toEqual([])
    expect(planFor(left, policy, new Date('2099-01-01')).remove).toEqual([])
  })

  law('what is kept is kept with all that it needs', (list, policy) => {
    const kept = keptIds(list, policy)
    for (const { id, parent } of list)
      if (kept.has(id) && parent !== null) expect(kept.has(parent)).toBe(true)
  })

  law(
    'the newest backups of each series that count stay, as many as minKeep says, and the newest complete one',
    (list, policy) => {
      const kept = keptIds(list, policy)
      for (const series of ['orders', 'users']) {
        const newestFirst = list
          .filter((backup) => backup.series === series)
          .sort((a, b) => Number(b.startedAt) - Number(a.startedAt) || (a.id < b.id ? 1 : -1))
        for (const { id } of newestFirst.filter(counts).slice(0, policy.minKeep))
          expect(kept.has(id)).toBe(true)
        for (const { id } of newestFirst.filter(({ complete }) => complete).slice(0, 1))
          expect(kept.has(id)).toBe(true)
      }
    },
  )

  law('pinned and future backups stay, and incomplete ones whose losses are new', (list, policy) => {
    const middle = new Date(start + 365 * day)
    const kept = keptIds(list, policy, middle)
    for (const backup of list) {
      const { id, startedAt } = backup
      if (policy.pins?.includes(id) || !counts(backup) || Number(startedAt) > Number(middle))
        expect(kept.has(id)).toBe(true)
    }
  })

  law('the plan for all series is the plans for each series taken together', (list, policy) => {
    const each = ['orders', 'users'].flatMap((series) => [
      ...keptIds(
        list.filter((backup) => backup.series === series),
        policy,
      ),
    ])
    expect(new Set(each)).toEqual(keptIds(list, policy))
  })

  law('a rule that counts further keeps all that was kept, and so does another rule', (list, policy) => {
    fc.pre(hasRule(policy))
    const kept = keptIds(list, policy)
    for (const rule of rules) {
      const given = policy[rule]
      for (const more of typeof given === 'number' ? [given + 1, 'all' as const] : []) {
        expect([...keptIds(list, { ...policy, [rule]: more })]).toEqual(expect.arrayContaining([...kept]))
      }
    }
  })

  law('moved by whole weeks, the same backups stay (in UTC, without months)', (list, policy) => {
    const { monthly: _, quarterly: __, yearly: ___, ...others } = policy
    const calm = { ...others, daily: 2, timezone: 'UTC', keepWithin: '30d' }
    const moved = list.map((backup) => ({
      ...backup,
      startedAt: new Date(Number(backup.startedAt) + 91 * day),
    }))
    expect(keptIds(moved, calm)).toEqual(keptIds(list, calm))
  })

  law(
    'a rule alone keeps the last backup of each of its latest days, and the first until there are enough',
    (list) => {
      const complete = list.map((backup) => ({ ...backup, parent: null, complete: true, series: 'one' }))
      const times = complete.map(({ startedAt }) => Number(startedAt)).sort((a, b) => a - b)
      const lastOfDay = new Map(times.map((time) => [Math.floor(time / day), time]))
      const first = lastOfDay.size < 3 ? times.slice(0, 1) : []
      const kept = keptIds(complete, { daily: 3 })
      const left = complete.filter(({ id }) => kept.has(id)).map(({ startedAt }) => Number(startedAt))
      expect(new Set(left)).toEqual(new Set([...[...lastOfDay.values()].slice(-3), ...first]))
    },
  )
})
