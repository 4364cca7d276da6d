import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { type Backup, type Policy, parsePolicy, plan } from '../src/index.js'

/** A worked example as data: backups, a policy, and what must be left. Ids are the start times. */
const caseSchema = z.strictObject({
  about: z.string(),
  series: z.array(
    z.union([
      z.strictObject({ at: z.array(z.string()) }),
      z.strictObject({
        from: z.string(),
        everyHours: z.number(),
        count: z.number(),
        fullOnSundays: z.boolean().optional(),
      }),
    ]),
  ),
  policy: z.unknown(),
  prune: z.enum(['after each', 'once']),
  thenDaysOfPruning: z.number().default(0),
  /** How many stay only because others need them. */
  neededOnly: z.number().default(0),
  /** Newest first. */
  keep: z.array(z.string()),
})

type Series = z.output<typeof caseSchema>['series'][number]

const day = 86_400_000
const folder = join(import.meta.dirname, 'cases')
const idOf = (time: number) => new Date(time).toISOString().replace(':00.000Z', 'Z')

function backupsOf(series: Series): Backup[] {
  if ('at' in series) return series.at.map((id) => ({ id, startedAt: id, parent: null, complete: true }))
  const times = Array.from(
    { length: series.count },
    (_, i) => Date.parse(series.from) + i * series.everyHours * 3_600_000,
  )
  return times.map((time, i) => {
    const isFull = series.fullOnSundays !== true || i === 0 || new Date(time).getUTCDay() === 0
    return {
      id: idOf(time),
      startedAt: new Date(time),
      parent: isFull ? null : idOf(times[i - 1] ?? 0),
      complete: true,
    }
  })
}

const startOf = ({ startedAt }: Backup) => new Date(startedAt).getTime()

function pruned(backups: readonly Backup[], policy: Policy, now: Date): Backup[] {
  const kept = new Set(plan(backups, policy, now).keep.map(({ id }) => id))
  return backups.filter(({ id }) => kept.has(id))
}

/** What is left once each backup was made and the policy applied after it. */
function prunedAfterEach(backups: readonly Backup[], policy: Policy): Backup[] {
  let left: Backup[] = []
  for (const next of backups) left = pruned([...left, next], policy, new Date(startOf(next) + 1))
  return left
}

describe.each(readdirSync(folder))('%s', (file) => {
  const example = caseSchema.parse(JSON.parse(readFileSync(join(folder, file), 'utf8')))
  const backups = example.series.flatMap(backupsOf).sort((a, b) => startOf(a) - startOf(b))
  const policy = parsePolicy(example.policy)
  const end = Math.max(...backups.map(startOf)) + 1

  test(example.about, () => {
    let left =
      example.prune === 'once' ? pruned(backups, policy, new Date(end)) : prunedAfterEach(backups, policy)
    for (let days = 1; days <= example.thenDaysOfPruning; days++)
      left = pruned(left, policy, new Date(end + days * day))
    expect(left.map(({ id }) => id).reverse()).toEqual(example.keep)
  })

  test('has the same result whether pruned in between or only at the end', () => {
    expect(plan(backups, policy, new Date(end)).keep.map(({ id }) => id)).toEqual(example.keep)
  })

  test('names the right number of backups that others need', () => {
    const { keep } = plan(backups, policy, new Date(end))
    const needed = keep.filter(({ reasons }) => reasons.every((reason) => reason.startsWith('needed by')))
    expect(needed).toHaveLength(example.neededOnly)
  })
})
