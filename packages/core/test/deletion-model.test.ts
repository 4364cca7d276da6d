import fc from 'fast-check'
import { expect, it } from 'vitest'
import { isBackupError, remove } from '../src/index.js'
import { purge, undelete } from '../src/internal.js'
import { aWorld, checkListed, day, idsOfDeleted, type World } from './deletion-world.js'

/** What should be there, by id. */
interface Model {
  readonly parents: Map<string, string | null>
  readonly live: Set<string>
  readonly deleted: Map<string, number>
}

type Operation =
  | { readonly do: 'full' | 'incremental' | 'purge' }
  | { readonly do: 'pass'; readonly days: number }
  | { readonly do: 'remove'; readonly which: number; readonly days: number }
  | { readonly do: 'undelete'; readonly which: number }

const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 1, arbitrary: fc.record({ do: fc.constant('full' as const) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('incremental' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('purge' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('pass' as const), days: fc.integer({ min: 1, max: 4 }) }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('remove' as const),
      which: fc.nat(),
      days: fc.constantFrom(0, 1, 3, 5),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('undelete' as const), which: fc.nat() }) },
)

function above(id: string, model: Model): string[] {
  const parent = model.parents.get(id) ?? null
  return parent === null ? [] : [parent, ...above(parent, model)]
}

const needing = (id: string, some: Iterable<string>, model: Model) =>
  [...some].filter((other) => above(other, model).includes(id))

/** A deleted backup lasts as long as the longest of those that build on it. */
const lasts = (id: string, model: Model) =>
  Math.max(...[id, ...needing(id, model.deleted.keys(), model)].map((one) => model.deleted.get(one) ?? 0))

/** What the operation should come to: `undefined`, or the code it is refused with. */
function expected(step: Operation, id: string, model: Model, now: number): string | undefined {
  if (step.do === 'remove') {
    if (!model.live.has(id) && !model.deleted.has(id)) return 'not_found'
    if (model.deleted.has(id) && step.days > 0) return undefined
    if (needing(id, model.live, model).length > 0) return 'conflict'
    const kept = needing(id, model.deleted.keys(), model).filter((other) => lasts(other, model) > now)
    if (step.days === 0 && kept.length > 0) return 'conflict'
    model.live.delete(id)
    if (step.days === 0) model.deleted.delete(id)
    else model.deleted.set(id, now + step.days * day)
  }
  if (step.do === 'undelete') {
    if (!model.live.has(id) && !model.deleted.has(id)) return 'not_found'
    const chain = [id, ...above(id, model)]
    if (chain.some((link) => !model.live.has(link) && !model.deleted.has(link))) return 'broken_chain'
    for (const link of chain) {
      model.live.add(link)
      model.deleted.delete(link)
    }
  }
  if (step.do === 'purge') {
    const due = [...model.deleted.keys()].filter(
      (one) => lasts(one, model) <= now && needing(one, model.live, model).length === 0,
    )
    for (const one of due) model.deleted.delete(one)
  }
  return undefined
}

async function act(step: Operation, id: string, world: World): Promise<void> {
  const { driver, now } = world
  if (step.do === 'remove') await remove({ driver, id, deletionGrace: step.days * day, now })
  else if (step.do === 'undelete') await undelete({ driver, id, now })
  else if (step.do === 'purge') await purge({ driver, now })
  else if (step.do === 'pass') world.pass(step.days * day)
}

it('whatever the order of backups, deletions, undeletes and purges: every listed backup restores, and nothing is lost before its time', async () => {
  let refusals = 0
  let undeleted = 0
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { minLength: 4, maxLength: 20 }), async (steps) => {
      const world = aWorld()
      const model: Model = { parents: new Map(), live: new Set(), deleted: new Map() }
      for (const step of steps) {
        const ids = [...model.parents.keys()]
        const id = ('which' in step && ids[step.which % Math.max(1, ids.length)]) || 'full-none'
        if (step.do === 'full' || step.do === 'incremental') {
          const newest =
            step.do === 'full' ? null : ([...ids].reverse().find((one) => model.live.has(one)) ?? null)
          const made = await world[step.do]()
          model.parents.set(made, newest)
          model.live.add(made)
        } else {
          const refused = expected(step, id, model, world.now().getTime())
          const outcome = await act(step, id, world).then(
            () => undefined,
            (error: unknown) => (isBackupError(error) ? error.code : error),
          )
          expect(outcome).toBe(refused)
          if (refused !== undefined) refusals += 1
          if (refused === undefined && step.do === 'undelete') undeleted += 1
        }
        expect((await checkListed(world, world.driver)).sort()).toEqual([...model.live].sort())
        expect(await idsOfDeleted(world.driver)).toEqual([...model.deleted.keys()].sort())
      }
      const stored = [...world.driver.objects.keys()].map((key) => key.split('/')[0])
      expect([...new Set(stored)].sort()).toEqual([...model.live, ...model.deleted.keys()].sort())
    }),
    { numRuns: 35 },
  )
  expect(refusals).toBeGreaterThan(10)
  expect(undeleted).toBeGreaterThan(3)
})
