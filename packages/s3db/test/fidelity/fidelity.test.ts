import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openNew, type Place } from '../databases.js'
import { impossibleIn } from './impossible.js'
import { type Behavior, behaviors, kinds } from './kinds.js'
import { fidelityPage } from './page.js'
import { type Cell, proveCells } from './prove.js'

const security = { passphrase: 'the same on both sides, and long enough' }

/** Values for every kind. */
const samples = fc.record(
  Object.fromEntries(
    kinds.map(({ name, values, tries }) => [name, fc.array(values, { minLength: tries, maxLength: tries })]),
  ),
)

const page = join(import.meta.dirname, '../../docs/fidelity.md')

/** What is wrong with a cell: a difference, a refusal that nobody knew of, or one that is no more. */
function complaints(behavior: Behavior, { kind, proved, refused, differing }: Cell): string[] {
  const known = impossibleIn(behavior, kind)
  const tries = kinds.find(({ name }) => name === kind)?.tries
  if (known === undefined)
    return [
      ...(refused === undefined ? [] : [`${kind}: refused with "${refused}"`]),
      ...(proved === tries ? [] : [`${kind}: only ${proved} records were compared`]),
      ...differing,
    ]
  if (refused === undefined) return [`${kind}: listed as impossible, and it works now`]
  return refused.includes(known.says) ? [] : [`${kind}: refused with "${refused}", not with "${known.says}"`]
}

const ways: readonly (readonly [Place, Place])[] = [
  ['memory', 'file'],
  ['file', 'memory'],
]

describe.each(ways)('from %s:// to %s://', (from, to) => {
  it.each(behaviors)('every kind of attribute comes back exactly as it was with %s', async (behavior) => {
    await fc.assert(
      fc.asyncProperty(samples, async (values) => {
        const source = await openNew(from, { security })
        const target = await openNew(to, { security })
        const cells = await proveCells(behavior, kinds, values, source, target)
        expect(cells.flatMap((cell) => complaints(behavior, cell))).toEqual([])
      }),
      { numRuns: 1, endOnFailure: true },
    )
  })
})

it('the documentation lists exactly what these tests prove', () => {
  if (process.env.WRITE_DOCS === '1') writeFileSync(page, fidelityPage())
  expect(readFileSync(page, 'utf8'), 'run the test with WRITE_DOCS=1 to write the page').toBe(fidelityPage())
})
