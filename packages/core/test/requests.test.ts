import { beforeAll, describe, expect, it } from 'vitest'
import { backup, openCatalog, prune, remove } from '../src/index.js'
import {
  catalogOf,
  deleted,
  failed,
  type Inventory,
  inventory,
  purge,
  sweep,
  undelete,
  unfinished,
  verifyAll,
  without,
} from '../src/internal.js'
import { aWorld, day, hour, type World } from './deletion-world.js'
import { incrementalSource } from './incremental-source.js'
import type { Step } from './memory-driver.js'

/** Whole listings, and the files that are read, by their names. */
interface Asked {
  readonly listings: number
  readonly manifests: number
  readonly notes: number
}

const many = 100
let world: World
let first: string
let last: string

/** A hundred full backups, each an hour after the one before. */
beforeAll(async () => {
  world = aWorld()
  const ids: string[] = []
  for (let i = 0; i < many; i++) {
    world.pass(hour)
    ids.push(await world.full())
  }
  first = ids[0] ?? ''
  last = ids.at(-1) ?? ''
})

async function counting(work: () => Promise<unknown>): Promise<Asked> {
  const { steps } = world.driver
  const before = steps.length
  await work()
  const count = (is: (step: Step) => boolean) => steps.slice(before).filter(is).length
  const read = (pattern: RegExp) => count(({ operation, key }) => operation === 'get' && pattern.test(key))
  return {
    listings: count(({ operation, key }) => operation === 'list' && key === ''),
    manifests: read(/\/s3db\.json$/),
    notes: read(/\/(started|failed|deleted(\.\d+)?)\.json$/),
  }
}

describe('at a destination of a hundred backups', () => {
  it('a list is one listing, and reads each manifest once', async () => {
    const asked = await counting(async () => {
      expect((await openCatalog(world.driver).list()).backups).toHaveLength(many)
    })
    expect(asked).toEqual({ listings: 1, manifests: many, notes: 0 })
  })

  it('a list of the newest five reads only the backups that may be among them: those of a day', async () => {
    const asked = await counting(async () => {
      expect((await openCatalog(world.driver).list({ limit: 5 })).backups).toHaveLength(5)
    })
    expect(asked).toMatchObject({ listings: 1, notes: 0 })
    expect(asked.manifests).toBeLessThan(5 + 24 + 8)
  })

  it('one backup is one listing and one manifest', async () => {
    const asked = await counting(() => openCatalog(world.driver).get(last))
    expect(asked).toEqual({ listings: 1, manifests: 1, notes: 0 })
  })

  it('all unfinished, failed or deleted backups take one listing', async () => {
    const asked = await counting(async () => {
      const { driver } = world
      const here = await inventory(driver)
      expect(await unfinished({ driver, inventory: here })).toEqual([])
      expect(await failed({ driver, inventory: here })).toEqual([])
      expect(await deleted({ driver, inventory: here })).toEqual([])
    })
    expect(asked).toEqual({ listings: 1, manifests: 0, notes: 0 })
  })

  it('a prune, a purge and a sweep share one listing, and read each manifest once', async () => {
    const asked = await counting(async () => {
      const { driver, now } = world
      const here = await inventory(driver, { now })
      const plan = () => ({ keep: [], remove: [] })
      await prune({ driver, inventory: here, plan, now })
      await purge({ driver, inventory: here, now })
      await sweep({ driver, inventory: here, now })
    })
    expect(asked).toEqual({ listings: 1, manifests: many, notes: 0 })
  })

  it('a prune checks once more before it removes', async () => {
    const asked = await counting(async () => {
      const { driver, now } = world
      const plan = () => ({ keep: [], remove: [{ id: first, reasons: [] }] })
      const { removed } = await prune({ driver, plan, deletionGrace: 7 * day, now })
      expect(removed).toMatchObject([{ id: first }])
    })
    // The manifest is read once more for the note, the note is read back, and the deleted manifest is looked for.
    expect(asked).toEqual({ listings: 2, manifests: many + 2, notes: 1 })
  })

  it('an undelete reads the backup and what it needs before and after taking its lease', async () => {
    const asked = await counting(async () => {
      expect((await undelete({ driver: world.driver, now: world.now, id: first })).undeleted).toEqual([first])
    })
    expect(asked.listings).toBe(2)
    expect(asked.manifests).toBeLessThanOrEqual(2)
    expect(asked.notes).toBeLessThanOrEqual(2)
  })

  it('a deletion lists twice: the backups, and their use', async () => {
    const { driver, now } = world
    const asked = await counting(() => remove({ driver, now, id: last }))
    // The deleted manifest is looked for once more.
    expect(asked).toEqual({ listings: 2, manifests: many + 1, notes: 0 })
    last = await world.full()
  })

  it('a verification of many is one listing, and reads each of their manifests once', async () => {
    const { driver } = world
    const ids = (await openCatalog(driver).list()).backups.slice(0, 10).map(({ id }) => id)
    const asked = await counting(async () => {
      for (const outcome of await verifyAll({ driver, ids }))
        expect(outcome).toMatchObject({ report: { ok: true } })
    })
    expect(asked).toEqual({ listings: 1, manifests: 10, notes: 0 })
  })

  it('a verification of what an inventory shows lists nothing, and reads no manifest again', async () => {
    const { driver, now } = world
    const here = await inventory(driver, { now })
    const ids = (await catalogOf(here).list()).backups.slice(0, 10).map(({ id }) => id)
    const asked = await counting(() => verifyAll({ driver, ids, inventory: here }))
    expect(asked).toEqual({ listings: 0, manifests: 0, notes: 0 })
  })

  it('an incremental backup lists once and reads each manifest once', async () => {
    const source = incrementalSource(new Map([['users', new Map()]]))
    const asked = await counting(() =>
      backup({ source, driver: world.driver, type: 'incremental', incremental: {}, now: world.now }),
    )
    // And its own manifest, to compare it with what was written.
    expect(asked).toMatchObject({ listings: 1, manifests: many + 1 })
  })
})

describe('an inventory', () => {
  const ids = async (here: Inventory) => (await catalogOf(here).list()).backups.map(({ id }) => id)

  it('shows the state when it was taken', async () => {
    const here = await inventory(world.driver)
    const there = await ids(here)
    await world.full()
    expect(await ids(here)).toEqual(there)
  })

  it('can be told what was removed', async () => {
    const here = await inventory(world.driver)
    const [newest = '', ...others] = await ids(here)
    expect(await ids(without(new Set([newest]), here))).toEqual(others)
  })

  it('that was taken with a cache is refused by removals and by verify', async () => {
    const { driver, now } = world
    const cache = { get: async () => undefined, put: async () => undefined }
    const here = await inventory(driver, { cache })
    const refused = { code: 'invalid_options' }
    const plan = () => ({ keep: [], remove: [] })
    await expect(prune({ driver, inventory: here, plan, now })).rejects.toMatchObject(refused)
    await expect(purge({ driver, inventory: here, now })).rejects.toMatchObject(refused)
    await expect(sweep({ driver, inventory: here, now })).rejects.toMatchObject(refused)
    expect(() => verifyAll({ driver, ids: [last], inventory: here })).toThrow(
      expect.objectContaining(refused),
    )
  })
})
