import { describe, expect, test } from 'vitest'
import { type Backup, explain, type PolicyInput, parsePolicy, plan, type RetentionPlan } from './index.js'

const now = new Date('2024-04-01T00:00:00Z')

const march = (day: number, more: Partial<Backup> = {}): Backup => ({
  id: `full-${String(day).padStart(2, '0')}`,
  startedAt: new Date(Date.UTC(2024, 2, day, 2)),
  parent: null,
  complete: true,
  ...more,
})
const days = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => march(from + i))

const planFor = (backups: readonly Backup[], policy: PolicyInput, options = {}) =>
  plan(backups, parsePolicy(policy), now, options)
const kept = ({ keep }: RetentionPlan) => keep.map(({ id }) => id)
const removed = ({ remove }: RetentionPlan) => remove.map(({ id }) => id)
const reasonsOf = ({ keep, remove }: RetentionPlan, id: string) =>
  [...keep, ...remove].find((decision) => decision.id === id)?.reasons

describe('a plan', () => {
  test('gives every reason why a backup is kept', () => {
    const result = planFor(days(13, 15), { keepLast: 1, daily: 2, weekly: 1, yearly: 1, keepWithin: '2d' })
    expect(reasonsOf(result, 'full-15')).toEqual([
      'last 1',
      'within 2d of the newest',
      'newest of day 2024-03-15',
      'newest of week 2024-W11',
      'newest of year 2024',
    ])
    expect(reasonsOf(result, 'full-14')).toEqual(['within 2d of the newest', 'newest of day 2024-03-14'])
  })

  test('prefers a consolidated full backup to the chain that it was merged from', () => {
    const chain = [march(13), march(14, { id: 'incremental-14', parent: 'full-13' }), march(14)]
    expect(kept(planFor(chain, { keepLast: 1 }))).toEqual(['full-14'])
  })

  test('says, rule by rule, why a backup is deleted', () => {
    const result = planFor(days(13, 15), { keepLast: 1, daily: 2, weekly: 1, keepWithin: '2d' })
    expect(reasonsOf(result, 'full-13')).toEqual([
      'not among the last 1',
      'not within 2d of the newest',
      'older than the last 2 days that have one',
      'week 2024-W11 has a newer one',
    ])
  })

  test('without rules keeps everything, and says so', () => {
    const result = planFor(days(1, 31), {})
    expect(removed(result)).toEqual([])
    expect(result.notes).toEqual(['The policy has no rules, so everything is kept.'])
    expect(removed(planFor(days(1, 31), { daily: 0, minKeep: 3 }))).toEqual([])
  })

  test('of no backups is empty', () => {
    expect(planFor([], { daily: 7 })).toEqual({
      keep: [],
      remove: [],
      notes: [],
      blocked: null,
      timezone: 'UTC',
      bytes: 0,
    })
  })

  test('reports its time zone, and what it would free', () => {
    const backups = [march(1, { bytes: 700 }), march(2, { bytes: 300 }), march(3)]
    expect(planFor(backups, { keepLast: 1, timezone: 'Asia/Tokyo' })).toMatchObject({
      timezone: 'Asia/Tokyo',
      bytes: 1000,
    })
  })

  test('keeps the oldest while a rule has not met all its periods', () => {
    const result = planFor(days(10, 20), { daily: 3, monthly: 2 })
    expect(kept(result)).toEqual(['full-20', 'full-19', 'full-18', 'full-10'])
    expect(reasonsOf(result, 'full-10')).toEqual(['oldest, kept until monthly has 2 (now 1)'])
  })

  test('measures keepWithin from the newest backup, not from now', () => {
    expect(kept(planFor(days(1, 10), { keepWithin: '3d' }))).toEqual(['full-10', 'full-09', 'full-08'])
  })

  test('accepts a text as the time of a backup', () => {
    expect(
      kept(planFor([march(1), march(2, { startedAt: '2024-03-02T04:00:00+02:00' })], { keepLast: 1 })),
    ).toEqual(['full-02'])
  })

  test.each([
    ['conflict', [march(1), march(1)]],
    ['invalid_options', [march(1, { startedAt: 'yesterday' })]],
    ['invalid_options', [march(1, { retainUntil: 'for ever' })]],
  ])('is refused with %s for contradictory backups', (code, backups) => {
    expect(() => planFor(backups, { daily: 7 })).toThrowError(
      expect.objectContaining({ code, operation: 'cleanup' }),
    )
  })
})

describe('whatever the rules say,', () => {
  test('pinned backups stay, and a pin without a backup is reported', () => {
    const result = planFor(days(1, 4), { keepLast: 2, pins: ['full-01', 'full-99'] })
    expect(kept(result)).toEqual(['full-04', 'full-03', 'full-01'])
    expect(reasonsOf(result, 'full-01')).toEqual(['pinned'])
    expect(result.notes).toEqual(['full-99 is pinned, but there is no such backup'])
  })

  test('locked backups stay until their lock ends', () => {
    const held = march(1, { retainUntil: '2024-04-01T00:00:01Z' })
    const free = march(2, { retainUntil: '2024-04-01T00:00:00Z' })
    const result = planFor([held, free, march(3)], { keepLast: 1 })
    expect(removed(result)).toEqual(['full-02'])
    expect(reasonsOf(result, 'full-01')).toEqual(['held by the storage until 2024-04-01T00:00:01.000Z'])
  })

  test('the newest stay, as many as minKeep says', () => {
    const result = planFor(days(1, 4), { keepWithin: '1h', minKeep: 2 })
    expect(kept(result)).toEqual(['full-04', 'full-03'])
    expect(reasonsOf(result, 'full-03')).toEqual(['never fewer than 2 (minKeep)'])
  })

  test('a backup from the future stays, and affects no rule', () => {
    const future = march(1, { id: 'full-later', startedAt: '2024-05-01T00:00:00Z' })
    const result = planFor([future, ...days(1, 5)], { keepLast: 2, keepWithin: '3d' })
    expect(kept(result)).toEqual(['full-later', 'full-05', 'full-04', 'full-03'])
    expect(result.notes).toEqual(['full-later: started in the future; not counted, never removed by policy'])
  })

  test('a backup that is dated ahead of the storage’s clock stays and does not count, whatever this machine’s clock says', () => {
    const ahead = march(9, { datedAhead: true })
    const result = planFor([ahead, ...days(1, 3)], { keepLast: 1 })
    expect(kept(result)).toEqual(['full-09', 'full-03'])
    expect(result.notes).toEqual([
      'full-09: dated ahead of the storage’s clock; not counted, never removed by policy',
    ])
  })

  test('an incomplete backup stays and does not count', () => {
    const result = planFor([...days(1, 3), march(4, { complete: false })], { keepLast: 1 })
    expect(kept(result)).toEqual(['full-04', 'full-03'])
    expect(result.notes).toEqual([
      'full-04: incomplete; not counted, never removed by policy',
      'Incomplete backups stay until they are removed by hand or by a sweep.',
    ])
  })
})

describe('an incomplete backup that lacks nothing more than the one before', () => {
  const lacking = (day: number) => march(day, { complete: false, knownLosses: true })
  const mark = 'incomplete; counted, because the backup before it lacks the same records'

  test('counts, and the plan says so whether it is kept or deleted', () => {
    const result = planFor([march(1), ...[2, 3, 4, 5].map(lacking)], { keepLast: 2 })
    expect(kept(result)).toEqual(['full-05', 'full-04', 'full-01'])
    expect(reasonsOf(result, 'full-05')).toEqual(['last 2', mark])
    expect(reasonsOf(result, 'full-03')).toEqual(['not among the last 2', mark])
    expect(result.notes).toEqual([])
  })

  test('never displaces the newest complete backup', () => {
    const result = planFor([march(1), march(2), ...[3, 4, 5].map(lacking)], { keepLast: 1 })
    expect(kept(result)).toEqual(['full-05', 'full-02'])
    expect(reasonsOf(result, 'full-02')).toEqual(['the newest that lacks no records'])
  })

  test('does not make the first incomplete backup count', () => {
    const first = march(2, { complete: false, knownLosses: false })
    const result = planFor([march(1), first, lacking(3), lacking(4)], { keepLast: 1 })
    expect(kept(result)).toEqual(['full-04', 'full-02', 'full-01'])
    expect(reasonsOf(result, 'full-02')).toEqual(['incomplete; not counted, never removed by policy'])
  })
})

describe('chains:', () => {
  const chain = [
    march(1),
    march(2, { id: 'inc-02', parent: 'full-01' }),
    march(3, { id: 'inc-03', parent: 'inc-02' }),
    march(4),
    march(5, { id: 'inc-05', parent: 'full-04' }),
  ]

  test('everything that a kept backup needs is kept', () => {
    const result = planFor(chain, { keepLast: 1, pins: ['inc-03'] })
    expect(removed(result)).toEqual([])
    expect(reasonsOf(result, 'full-01')).toEqual(['needed by inc-03'])
    expect(reasonsOf(result, 'full-04')).toEqual(['needed by inc-05'])
  })

  test('a chain that no kept backup needs is deleted as a whole', () => {
    expect(removed(planFor(chain, { keepLast: 1 }))).toEqual(['inc-03', 'inc-02', 'full-01'])
  })

  test('a backup with a missing ancestor cannot displace one that can be restored', () => {
    const result = planFor(chain.slice(1), { keepLast: 1 })
    expect(kept(result)).toEqual(['inc-05', 'full-04', 'inc-03', 'inc-02'])
    const broken = planFor([march(1), ...chain.slice(4)], { keepLast: 1 })
    expect(kept(broken)).toEqual(['inc-05', 'full-01'])
    expect(broken.notes).toEqual([
      'inc-05: cannot be restored without full-04; not counted, never removed by policy',
    ])
  })

  test('a circular chain is not counted, and does not hang', () => {
    const circle = [march(1, { id: 'a', parent: 'b' }), march(2, { id: 'b', parent: 'a' }), march(3)]
    expect(kept(planFor(circle, { keepLast: 1 }))).toEqual(['full-03', 'b', 'a'])
  })

  test('a chain of thousands of backups is followed to its end', () => {
    const long = Array.from({ length: 5000 }, (_, i) =>
      march(1, { id: `inc-${i}`, startedAt: new Date(i * 60_000), parent: i === 0 ? null : `inc-${i - 1}` }),
    )
    expect(removed(planFor(long, { keepLast: 1 }))).toEqual([])
  })
})

test('series do not displace one another', () => {
  const orders = days(1, 3).map((backup) => ({ ...backup, id: `orders-${backup.id}`, series: 'orders' }))
  const users = days(4, 6).map((backup) => ({ ...backup, id: `users-${backup.id}`, series: 'users' }))
  expect(kept(planFor([...orders, ...users], { keepLast: 1 }))).toEqual(['users-full-06', 'orders-full-03'])
})

test('an explained plan has a row for each backup, newest first', () => {
  const rows = explain(planFor(days(1, 3), { keepLast: 1, pins: ['full-01'] }))
  expect(rows).toEqual([
    { id: 'full-03', startedAt: '2024-03-03T02:00:00.000Z', action: 'keep', reasons: 'last 1' },
    {
      id: 'full-02',
      startedAt: '2024-03-02T02:00:00.000Z',
      action: 'remove',
      reasons: 'not among the last 1',
    },
    { id: 'full-01', startedAt: '2024-03-01T02:00:00.000Z', action: 'keep', reasons: 'pinned' },
  ])
})
