import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { interleave, type Outcome, type Turn, turnsOf } from '../../../tooling/test/interleave.ts'
import { backup, type CatalogEntry, type Driver, openCatalog, prune, remove, restore } from '../src/index.js'
import { deleted, purge, undelete } from '../src/internal.js'
import { contentsOf, memoryTarget } from './database.js'
import { aWorld, checkListed, day, type World } from './deletion-world.js'
import { incrementalSource } from './incremental-source.js'
import { memoryDriver } from './memory-driver.js'

const schedules = turnsOf({ processes: 3, longest: 25 })

interface Scene {
  readonly world: World
  /** full <- first <- second */
  readonly ids: readonly [string, string, string]
}

async function aScene(): Promise<Scene> {
  const world = aWorld()
  return { world, ids: [await world.full(), await world.incremental(), await world.incremental()] }
}

type Process = (driver: Driver, scene: Scene) => Promise<unknown>

/** A backup of a database that has one more record than at the last backup. */
const backingUp: Process = async (driver, { world }) => {
  const rows = [...(world.contents.values().next().value ?? []), { id: 'z', name: 'new' }]
  const source = incrementalSource(new Map([['users', new Map(rows.map((row) => [row.id, row]))]]))
  const incremental = { fullIfNeeded: true }
  const { id } = await backup({
    source,
    driver,
    type: 'incremental',
    incremental,
    codecs: [],
    now: world.now,
  })
  world.contents.set(id, rows)
}

const pruning =
  (which: readonly number[], deletionGrace: number): Process =>
  async (driver, { world, ids }) => {
    const going = which.flatMap((index) => ids[index] ?? [])
    const plan = (there: readonly CatalogEntry[]) => {
      // As a retention policy does: kept backups keep their ancestors.
      const kept = there.some(
        ({ id, manifest }) => !going.includes(id) && going.includes(manifest.parent ?? ''),
      )
      const remove = kept ? [] : there.filter(({ id }) => going.includes(id))
      return { keep: [], remove: remove.map(({ id }) => ({ id, reasons: [] })) }
    }
    await prune({ driver, plan, deletionGrace, now: world.now })
  }

const restoring: Process = async (driver, { world, ids }) => {
  const target = memoryTarget()
  await restore({ driver, id: ids[2], target })
  expect(contentsOf(target).users).toEqual(
    [...(world.contents.get(ids[2]) ?? [])].sort((a, b) => (a.id < b.id ? -1 : 1)),
  )
}

const undeleting: Process = (driver, { world, ids }) => undelete({ driver, id: ids[2], now: world.now })
const purging: Process = (driver, { world }) => purge({ driver, now: world.now })
const removing =
  (which: number, deletionGrace: number): Process =>
  (driver, { world, ids }) =>
    remove({ driver, id: ids[which] ?? '', deletionGrace, now: world.now })

/** All of them, one after the other, in the scene as it is. */
const before =
  (...processes: readonly Process[]) =>
  async (scene: Scene) => {
    for (const process of processes) await process(scene.world.driver, scene)
  }

/**
 * Tries many orders of the steps of processes at work on the same backups. Afterwards each listed backup must
 * restore to what it was made of. Gives how often each combination of outcomes came up.
 */
async function tryMany(
  prepare: (scene: Scene) => Promise<void>,
  processes: readonly Process[],
  check: (scene: Scene, driver: Driver, outcomes: readonly Outcome[]) => Promise<void> = async () =>
    undefined,
  numRuns = 100,
): Promise<Map<string, number>> {
  const original = await aScene()
  await prepare(original)
  const seen = new Map<string, number>()
  await fc.assert(
    fc.asyncProperty(schedules, async (turns: readonly Turn[]) => {
      const objects = new Map(original.world.driver.objects)
      const scene = { ...original, world: { ...original.world, contents: new Map(original.world.contents) } }
      const outcomes = await interleave(
        objects,
        processes.map((process) => (driver) => process(driver, scene)),
        turns.map(({ who, steps }) => ({ who: who % processes.length, steps })),
      )
      const driver = memoryDriver({ objects })
      await checkListed(scene.world, driver)
      expect([...objects.keys()].filter((key) => key.startsWith('.leases/'))).toEqual([])
      await check(scene, driver, outcomes)
      const key = outcomes.join(' ')
      seen.set(key, (seen.get(key) ?? 0) + 1)
    }),
    { numRuns },
  )
  return seen
}

const nothing = async () => undefined
const liveIn = async (driver: Driver) => (await openCatalog(driver).list()).backups.map(({ id }) => id)

describe('in any order of their steps,', () => {
  it.each([0, 7 * day])(
    'an incremental backup and a prune (grace %d) of what it builds on',
    async (grace) => {
      let kept = 0
      const seen = await tryMany(nothing, [backingUp, pruning([0, 1, 2], grace)], async ({ ids }, driver) => {
        if ((await liveIn(driver)).includes(ids[2])) kept += 1
      })
      // The backup finds another parent, or finds none and becomes full. It may fail only after losing three parents
      // in a row.
      for (const outcome of seen.keys()) expect(['done done', 'conflict done']).toContain(outcome)
      expect(seen.get('done done')).toBeGreaterThan(90)
      expect(kept).toBeGreaterThan(0)
      expect(kept).toBeLessThan(100)
    },
  )

  it.each([0, 7 * day])('a restore and a prune (grace %d) of what it reads', async (grace) => {
    let kept = 0
    const seen = await tryMany(nothing, [restoring, pruning([0, 1, 2], grace)], async ({ ids }, driver) => {
      if ((await liveIn(driver)).includes(ids[2])) kept += 1
    })
    for (const outcome of seen.keys())
      expect(['done done', 'not_found done', 'broken_chain done']).toContain(outcome)
    expect(seen.get('done done')).toBeGreaterThan(0)
    expect(kept).toBeGreaterThan(0)
    expect(kept).toBeLessThan(100)
  })

  it.each([
    [0, 0],
    [0, 7 * day],
    [day, 7 * day],
  ])('two prunes (grace %d and %d) of overlapping chains', async (one, other) => {
    await tryMany(nothing, [pruning([2], one), pruning([0, 1, 2], other)], async ({ ids, world }, driver) => {
      expect((await liveIn(driver)).filter((id) => ids.includes(id))).toEqual([])
      if (one === 0 || other === 0) return
      await undelete({ driver, id: ids[2], now: world.now })
      expect(await checkListed(world, driver)).toHaveLength(3)
    })
  })

  it('an undelete and a purge of the same chain: one of them does all of it', async () => {
    const seen = await tryMany(
      async (scene) => {
        await before(pruning([0, 1, 2], day))(scene)
        scene.world.pass(2 * day)
      },
      [undeleting, purging],
      async ({ ids }, driver, [undeleted]) => {
        const live = await liveIn(driver)
        expect(live).toHaveLength(undeleted === 'done' ? 3 : 0)
        if (undeleted === 'done') expect(live).toEqual(expect.arrayContaining([...ids]))
        expect(await deleted({ driver })).toEqual([])
      },
    )
    expect(seen.get('done done')).toBeGreaterThan(0)
    expect([...seen.keys()].some((key) => key !== 'done done')).toBe(true)
  })

  it('an undelete of a child and a removal of its parent', async () => {
    for (const grace of [0, day])
      await tryMany(before(removing(2, day)), [undeleting, removing(1, grace)], nothing, 60)
  })

  it('two undeletes, and a prune of the same chain', async () => {
    await tryMany(
      before(pruning([1, 2], day)),
      [undeleting, undeleting, pruning([0, 1, 2], 7 * day)],
      async ({ ids, world }, driver, outcomes) => {
        expect(outcomes).toEqual(['done', 'done', 'done'])
        await undelete({ driver, id: ids[2], now: world.now })
        expect(await checkListed(world, driver)).toHaveLength(3)
      },
    )
  })

  it('a backup, an undelete and a prune', async () => {
    await tryMany(before(removing(2, day)), [backingUp, undeleting, pruning([0, 1, 2], day)])
  })

  it('a backup, a restore and a purge after a prune', async () => {
    await tryMany(
      async (scene) => {
        await before(removing(2, day))(scene)
        scene.world.pass(2 * day)
      },
      [backingUp, purging, pruning([0, 1], 0)],
    )
  })
})
