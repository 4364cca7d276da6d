import { backup, type Driver, openCatalog, records, verify } from '@s3db-backup/core'
import { memory } from '@s3db-backup/driver-testkit'
import { afterAll, describe, expect, it } from 'vitest'
import { memoryIn } from '../../../packages/driver-testkit/src/doubles/memory.ts'
import { record } from '../record.ts'
import { bombCases } from './cases/bombs.ts'
import { nameCases } from './cases/names.ts'
import { numberCases } from './cases/numbers.ts'
import { shapeCases } from './cases/shapes.ts'
import { type Ending, endingOf } from './ending.ts'
import type { HostileCase } from './hostile-case.ts'
import { restored, surfaces } from './surfaces.ts'

const honestly = memory()
const people = [
  { id: 'ada', name: 'Ada' },
  { id: 'bob', name: 'Bob' },
]
const { id: honest } = await backup({ source: records({ people: { records: people } }), driver: honestly })

const categories = {
  'names that lead elsewhere, or mean something': nameCases,
  'numbers that lie': numberCases,
  'shapes that nobody writes': shapeCases,
  'decompression bombs': bombCases,
}
const counted = new Map<string, Map<string, number>>()

describe.each(Object.entries(categories))('%s', (category, cases) => {
  it.each(cases.map((hostile) => [hostile.name, hostile] as const))('%s', async (_, hostile) => {
    const before = new Map([...honestly.objects, ...hostile.objects])
    const after = new Map(before)
    const driver = memoryIn(after)
    const endings = new Map<string, Ending>()
    for (const [what, work] of Object.entries(surfaces))
      endings.set(what, await endingOf(`${hostile.name}: ${what}`, () => work(driver, hostile.id, honest)))
    await checkRestore(hostile, endings.get('restore'), memoryIn(new Map(before)))
    await checkOthers(hostile, before, after)
    for (const ending of endings.values()) count(category, ending)
  })

  it('all of them together: valid backups are listed, including the honest one', async () => {
    const driver = memoryIn(new Map([...honestly.objects, ...cases.flatMap(({ objects }) => [...objects])]))
    const { backups, damaged } = await openCatalog(driver).list()
    const listed = [...backups, ...damaged].map(({ id }) => id)
    expect(backups.map(({ id }) => id)).toContain(honest)
    expect(listed.sort()).toEqual([honest, ...cases.map(({ id }) => id)].sort())
    for (const { problem } of damaged) expect(problem.code).toMatch(/^(corrupt|incompatible_format)$/)
    expect(await verify({ driver, id: honest })).toMatchObject({ ok: true })
  })
})

function count(category: string, ending: Ending): void {
  const ends = counted.get(category) ?? new Map<string, number>()
  counted.set(category, ends.set(ending, (ends.get(ending) ?? 0) + 1))
}

async function checkRestore(
  { id, restore }: HostileCase,
  ending: Ending | undefined,
  driver: Driver,
): Promise<void> {
  if (restore === 'anyhow') return
  if (typeof restore === 'string') return expect(ending).toBe(restore)
  if (isList(restore)) return expect(restore).toContain(ending)
  expect(ending).toBe('fine')
  expect([...(await restored(driver, id))]).toEqual(Object.entries(restore))
}

function isList(value: unknown): value is readonly string[] {
  return Array.isArray(value)
}

/** Only its own directory, and new ones, may be other than before. */
async function checkOthers(
  { id }: HostileCase,
  before: ReadonlyMap<string, Uint8Array>,
  after: ReadonlyMap<string, Uint8Array>,
): Promise<void> {
  for (const [key, bytes] of before) if (!key.startsWith(`${id}/`)) expect(after.get(key), key).toBe(bytes)
  const added = [...after.keys()].filter((key) => !before.has(key))
  for (const key of added) expect(key).toMatch(/^full-\d{4}-\d{2}-\d{2}T[^/]+\/[^/]+$/)
  expect([...(await restored(memoryIn(new Map(after)), honest))]).toEqual([['people', people]])
}

afterAll(() => {
  for (const [what, ends] of counted) {
    const ended = Object.fromEntries(
      [...ends].map(([ending, number]) => [ending === 'fine' ? 'answered' : `refused as ${ending}`, number]),
    )
    record({
      suite: 'hostile backup',
      what,
      tried: [...ends.values()].reduce((sum, one) => sum + one, 0),
      ended,
    })
  }
})
