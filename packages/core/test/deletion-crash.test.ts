import { describe, expect, it } from 'vitest'
import { openCatalog, prune } from '../src/index.js'
import { deleted, purge, undelete } from '../src/internal.js'
import {
  aWorld,
  checkListed,
  contentOf,
  day,
  hour,
  idsOfDeleted,
  type World,
  writeOnce,
} from './deletion-world.js'
import { type MemoryDriver, memoryDriver } from './memory-driver.js'

const grace = 7 * day

interface Scene {
  readonly world: World
  readonly ids: readonly string[]
}

/** full <- first <- second, and a full backup beside them. */
async function aScene(prepare: (scene: Scene) => Promise<unknown> = async () => undefined): Promise<Scene> {
  const world = aWorld()
  const ids = [await world.full(), await world.incremental(), await world.incremental()]
  await world.full()
  const scene = { world, ids }
  await prepare(scene)
  return scene
}

type Work = (scene: Scene, driver: MemoryDriver) => Promise<unknown>

const pruning =
  (deletionGrace: number): Work =>
  async ({ world, ids }, driver) => {
    const plan = (there: readonly { readonly id: string }[]) => ({
      keep: [],
      remove: there.filter(({ id }) => ids.includes(id)).map(({ id }) => ({ id, reasons: ['old'] })),
    })
    await prune({ driver, plan, deletionGrace, now: world.now })
  }
const undeleting: Work = ({ world, ids }, driver) => undelete({ driver, id: ids[2] ?? '', now: world.now })
const purging: Work = ({ world }, driver) => purge({ driver, now: world.now })

/** Runs the work and stops it at each of its steps in turn: only there, or from there on, as when a process dies. */
async function atEachStep(
  prepare: (scene: Scene) => Promise<unknown>,
  work: Work,
  check: (scene: Scene, driver: MemoryDriver) => Promise<void>,
): Promise<number> {
  const whole = await aScene(prepare)
  const counting = memoryDriver({ objects: whole.world.driver.objects })
  await work(whole, writeOnce(counting))
  const steps = counting.steps.length
  for (const dies of [true, false]) {
    for (let at = 0; at < steps; at++) {
      const scene = await aScene(prepare)
      const faulty = memoryDriver({
        objects: scene.world.driver.objects,
        onStep: (_, index) => {
          if (dies ? index >= at : index === at) throw new Error('EIO')
        },
      })
      await work(scene, writeOnce(faulty)).catch(() => undefined)
      await check(scene, writeOnce(memoryDriver({ objects: faulty.objects })))
    }
  }
  return steps
}

/** Nothing of the chain is lost: each of its backups is there, or deleted and complete. */
async function checkNothingLost({ ids }: Scene, driver: MemoryDriver): Promise<void> {
  const live = (await openCatalog(driver).list()).backups.map(({ id }) => id)
  const kept = (await deleted({ driver })).filter(({ complete }) => complete).map(({ id }) => id)
  expect([...live, ...kept]).toEqual(expect.arrayContaining([...ids]))
}

/** Past the leases of whoever died. */
const wait = ({ world }: Scene) => world.pass(hour)

describe('interrupted at any step,', () => {
  it('a prune with a grace time loses nothing, and the next one finishes', async () => {
    const original = contentOf((await aScene()).world.driver)
    const steps = await atEachStep(
      async () => undefined,
      pruning(grace),
      async (scene, driver) => {
        await checkListed(scene.world, driver)
        await checkNothingLost(scene, driver)
        await pruning(grace)(scene, driver)
        expect(await checkListed(scene.world, driver)).toHaveLength(1)
        expect(await idsOfDeleted(driver)).toEqual([...scene.ids].sort())
        wait(scene)
        await undeleting(scene, driver)
        expect(contentOf(driver).size).toBe(original.size)
        expect(await checkListed(scene.world, driver)).toHaveLength(4)
      },
    )
    expect(steps).toBeGreaterThan(20)
  })

  it('an undelete lists only what is whole, and the next one finishes', async () => {
    const steps = await atEachStep(
      (scene) => pruning(grace)(scene, scene.world.driver),
      undeleting,
      async (scene, driver) => {
        await checkListed(scene.world, driver)
        await checkNothingLost(scene, driver)
        await undeleting(scene, driver)
        expect(await checkListed(scene.world, driver)).toHaveLength(4)
        expect(await idsOfDeleted(driver)).toEqual([])
        expect([...contentOf(driver).keys()].filter((key) => key.includes('/deleted.'))).toEqual([])
      },
    )
    expect(steps).toBeGreaterThan(20)
  })

  it('an undelete can be followed by a prune instead', async () => {
    await atEachStep(
      (scene) => pruning(grace)(scene, scene.world.driver),
      undeleting,
      async (scene, driver) => {
        wait(scene)
        await pruning(grace)(scene, driver)
        expect(await checkListed(scene.world, driver)).toHaveLength(1)
        expect(await idsOfDeleted(driver)).toEqual([...scene.ids].sort())
        // The new grace time counts, not that of a note left by the interrupted deletion.
        scene.world.pass(grace - 2 * hour)
        await purging(scene, driver)
        expect(await idsOfDeleted(driver)).toEqual([...scene.ids].sort())
      },
    )
  })

  it('a purge touches no existing backup, and the next one finishes', async () => {
    const steps = await atEachStep(
      async (scene) => {
        await pruning(grace)(scene, scene.world.driver)
        scene.world.pass(grace)
      },
      purging,
      async (scene, driver) => {
        expect(await checkListed(scene.world, driver)).toHaveLength(1)
        wait(scene)
        // A partly removed backup cannot be brought back; a whole one can.
        const before = await deleted({ driver })
        await undeleting(scene, writeOnce(memoryDriver({ objects: new Map(driver.objects) }))).then(
          () => expect(before.every(({ complete }) => complete)).toBe(true),
          (error: unknown) => expect(error).toMatchObject({ name: 'BackupError' }),
        )
        await purging(scene, driver)
        expect(await checkListed(scene.world, driver)).toHaveLength(1)
        const directories = [...contentOf(driver).keys()].map((key) => key.split('/')[0])
        expect(new Set(directories).size).toBe(1)
      },
    )
    expect(steps).toBeGreaterThan(20)
  })

  it('a prune without a grace time lists only what is whole, and the next one finishes', async () => {
    await atEachStep(
      async () => undefined,
      pruning(0),
      async (scene, driver) => {
        await checkListed(scene.world, driver)
        await pruning(0)(scene, driver)
        expect(await checkListed(scene.world, driver)).toHaveLength(1)
      },
    )
  })
})
