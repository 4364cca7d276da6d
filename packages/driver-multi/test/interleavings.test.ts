import { type CatalogEntry, type Driver, prune, remove } from '@s3db-backup/core'
import { purge, sweep } from '@s3db-backup/core/internal'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  interleave,
  type Outcome,
  steppedDriver,
  type Turn,
  turnsOf,
} from '../../../tooling/test/interleave.ts'
import { repair, sync } from '../src/index.js'
import { aChainAt, bothIn, checkPlace, type Place, placeIn, places, type Scene } from './two-places.js'

// Copies are made while others delete, sweep and repair at one of the destinations, or at both. Whatever the order of
// the steps, each backup that a destination lists can be restored from there.

const schedules = turnsOf({ processes: 2, longest: 40 })

type Process = (driver: Driver, scene: Scene) => Promise<unknown>

const day = 24 * 60 * 60 * 1000

const syncing: Process = (driver) => sync({ multi: bothIn(driver) })
const repairing: Process = (driver, { ids }) => repair({ multi: bothIn(driver), id: ids[2] ?? '' })
const purging =
  (place: Place): Process =>
  (driver) =>
    purge({ driver: placeIn(driver, place) })
const sweeping =
  (place: Place): Process =>
  (driver) =>
    sweep({ driver: placeIn(driver, place), graceMs: 60 * 60 * 1000 })
const removing =
  (place: Place, which: number): Process =>
  (driver, { ids }) =>
    remove({ driver: placeIn(driver, place), id: ids[which] ?? '' })

const pruningAt =
  (where: (driver: Driver) => Driver, deletionGrace: number, now?: () => Date): Process =>
  (driver) => {
    const plan = (there: readonly CatalogEntry[]) => ({
      keep: [],
      remove: there.map(({ id }) => ({ id, reasons: [] })),
    })
    return prune({ driver: where(driver), plan, deletionGrace, now })
  }
const pruning = (place: Place, deletionGrace: number, now?: () => Date) =>
  pruningAt((driver) => placeIn(driver, place), deletionGrace, now)
const yesterday = () => new Date(Date.now() - day)

/** Tries many orders of the steps of two processes. Gives how often each combination of outcomes came up. */
async function tryMany(
  original: Scene,
  processes: readonly Process[],
  check: (there: Record<Place, readonly string[]>, outcomes: readonly Outcome[]) => void = () => undefined,
  numRuns = 150,
): Promise<Map<string, number>> {
  const seen = new Map<string, number>()
  await fc.assert(
    fc.asyncProperty(schedules, async (turns: readonly Turn[]) => {
      const objects = new Map(original.objects)
      const outcomes = await interleave(
        objects,
        processes.map((process) => (driver) => process(driver, original)),
        turns,
      )
      const driver = steppedDriver(objects)
      const [a, b] = await Promise.all(places.map((place) => checkPlace(placeIn(driver, place), original)))
      expect([...objects.keys()].filter((key) => key.includes('/.leases/'))).toEqual([])
      check({ a: a ?? [], b: b ?? [] }, outcomes)
      const key = outcomes.join(' ')
      seen.set(key, (seen.get(key) ?? 0) + 1)
    }),
    { numRuns },
  )
  return seen
}

/** The scene after one process has done its work. */
async function after(scene: Scene, ...processes: readonly Process[]): Promise<Scene> {
  const objects = new Map(scene.objects)
  for (const process of processes) await process(steppedDriver(objects), scene)
  return { ...scene, objects }
}

/** One place where the manifests of all backups are missing, as a process leaves it that dies. */
const withoutManifests = (scene: Scene, place: Place): Scene => ({
  ...scene,
  objects: new Map(
    [...scene.objects].filter(([key]) => !key.startsWith(`${place}/`) || !key.endsWith('/s3db.json')),
  ),
})

/** The same scene, two days after the backups were begun. The clocks of all processes agree: leases hold. */
const begunLongAgo = (scene: Scene): Scene => ({
  ...scene,
  objects: new Map(
    [...scene.objects].map(([key, bytes]) => {
      if (!key.endsWith('/started.json')) return [key, bytes]
      const note: unknown = JSON.parse(Buffer.from(bytes).toString())
      const startedAt = new Date(Date.now() - 2 * day).toISOString()
      return [key, Buffer.from(JSON.stringify(Object.assign({}, note, { startedAt })))]
    }),
  ),
})

const damagedManifest = (scene: Scene, place: Place, which: number): Scene => ({
  ...scene,
  objects: new Map(
    [...scene.objects].map(([key, bytes]) =>
      key === `${place}/${scene.ids[which]}/s3db.json` ? [key, Buffer.from('{')] : [key, bytes],
    ),
  ),
})

describe('in any order of their steps,', () => {
  it('a sync and a purge of what is deleted at its target', async () => {
    const scene = await after(await aChainAt('a', 'b'), pruning('b', 1, yesterday))
    const seen = await tryMany(scene, [syncing, purging('b')], ({ b }, [synced]) => {
      if (synced === 'done') expect(b).toHaveLength(3)
    })
    expect(seen.get('done done')).toBeGreaterThan(0)
  })

  it.each([0, day])('a sync and a prune (grace %d) at both places', async (grace) => {
    await tryMany(await aChainAt('a'), [syncing, pruningAt(bothIn, grace)])
  })

  it.each([0, day])('a sync and a prune (grace %d) at its source', async (grace) => {
    await tryMany(await aChainAt('a'), [syncing, pruning('a', grace)])
  })

  it.each([0, day])('a sync and a prune (grace %d) at its target', async (grace) => {
    await tryMany(await aChainAt('a'), [syncing, pruning('b', grace)])
  })

  it('a sync and a sweep of what was begun and not finished at its target', async () => {
    const scene = begunLongAgo(withoutManifests(await aChainAt('a', 'b'), 'b'))
    await tryMany(scene, [syncing, sweeping('b')], ({ b }, [synced]) => {
      if (synced === 'done') expect(b).toHaveLength(3)
    })
  })

  it('a sync and a removal of what was begun and not finished at its target', async () => {
    const old = (scene: Scene): Scene => ({
      ...scene,
      objects: new Map([...scene.objects].filter(([key]) => !/^b\/.*started\.json$/.test(key))),
    })
    const scene = old(withoutManifests(await aChainAt('a', 'b'), 'b'))
    await tryMany(scene, [syncing, removing('b', 2)], ({ b }, [synced]) => {
      if (synced === 'done') expect(b.length).toBeGreaterThan(1)
    })
  })

  it('two syncs', async () => {
    await tryMany(await aChainAt('a'), [syncing, syncing], ({ b }) => expect(b).toHaveLength(3))
  })

  it('a repair of a manifest and a sweep', async () => {
    const scene = begunLongAgo(damagedManifest(await aChainAt('a', 'b'), 'b', 2))
    await tryMany(scene, [repairing, sweeping('b')], ({ b }, [repaired]) => {
      if (repaired === 'done') expect(b).toHaveLength(3)
    })
  })
})
