import { describe, expect, it } from 'vitest'
import { sourceOf } from '../../test/database.js'
import { aWorld, day, hour } from '../../test/deletion-world.js'
import { memoryDriver } from '../../test/memory-driver.js'
import { reasonsToStay } from '../deletion/in-use.js'
import { backup, type Driver, guard, type ObjectInfo, remove } from '../index.js'
import { inventory, undelete } from '../internal.js'

describe('entries', () => {
  it('report the state of each backup', async () => {
    const world = aWorld()
    const { driver, now } = world
    const whole = await world.full()
    const damaged = await world.full()
    const gone = await world.full()
    await remove({ driver, id: gone, deletionGrace: day, now })
    driver.objects.set(`${damaged}/s3db.json`, Buffer.from('{"format":"s3db-backup/1"'))
    for (const id of ['dead', 'alive']) {
      const copy = memoryDriver()
      const startedAt = new Date(now().getTime() - (id === 'dead' ? 2 * day : hour))
      await backup({ source: sourceOf({}), driver: copy, id, now: () => startedAt })
      const note = copy.objects.get(`${id}/started.json`)
      if (note !== undefined) driver.objects.set(`${id}/started.json`, note)
    }
    const broken = { ...sourceOf({}), describe: () => Promise.reject(new Error('ECONNRESET')) }
    await expect(backup({ source: broken, driver, id: 'broken', now })).rejects.toThrow()
    driver.objects.set('mydb/s3db.json', Buffer.from('{"version":"1"}'))
    driver.objects.set('reports/drill.json', Buffer.from('{}'))

    const entries = await (await inventory(driver, { now })).entries()
    expect(new Map(entries.map(({ id, state }) => [id, state]))).toEqual(
      new Map([
        [whole, 'complete'],
        [damaged, 'damaged'],
        [gone, 'deleted'],
        ['dead', 'abandoned'],
        ['alive', 'running'],
        ['broken', 'failed'],
      ]),
    )
    const files = entries.find(({ id }) => id === whole)?.objects.map(({ key }) => key)
    expect(files?.sort()).toEqual([...driver.objects.keys()].filter((key) => key.startsWith(whole)).sort())
  })

  it('are read again after a read that failed', async () => {
    let failing = true
    const world = aWorld(({ operation, key }) => {
      if (failing && operation === 'get' && key.endsWith('/s3db.json')) throw new Error('EIO')
    })
    failing = false
    const id = await world.full()
    failing = true
    const here = await inventory(world.driver)
    await expect(here.entries()).rejects.toThrow('EIO')
    failing = false
    expect(await here.entries()).toMatchObject([{ id, state: 'complete' }])
  })
})

/**
 * A driver whose next whole listing shows of one directory neither the manifest nor the note of its deletion: both
 * changed places while the listing went on.
 */
function missingBoth(driver: Driver, directory: string): Driver {
  let missed = false
  const shows = ({ key }: ObjectInfo) =>
    key !== `${directory}/s3db.json` && !key.startsWith(`${directory}/deleted.`)
  return {
    ...driver,
    async *list(prefix, call) {
      const missing = prefix === '' && !missed
      if (missing) missed = true
      for await (const info of driver.list(prefix, call)) if (!missing || shows(info)) yield info
    },
  }
}

/** The same, of the listing that comes after so many. */
function missingLater(driver: Driver, directory: string, before: number): Driver {
  let listings = 0
  const late = missingBoth(driver, directory)
  return {
    ...driver,
    list(prefix, call) {
      const inTurn = prefix === '' && listings++ >= before
      return (inTurn ? late : driver).list(prefix, call)
    },
  }
}

describe('a backup that a listing misses because it moves meanwhile', () => {
  it('is not mistaken for an unfinished backup and removed', async () => {
    const world = aWorld()
    const { driver, now } = world
    const id = await world.full()
    world.pass(2 * day)
    await remove({ driver, now, id, deletionGrace: 7 * day })
    const report = await remove({ driver: missingBoth(driver, id), now, id, deletionGrace: day })
    expect(report.purgeAfter).not.toBeNull()
    expect((await undelete({ driver, now, id })).undeleted).toEqual([id])
  })

  it.each([1, 2])('is still brought back (%d)', async (before) => {
    const world = aWorld()
    const { now } = world
    const parent = await world.full()
    const child = await world.incremental()
    for (const id of [child, parent]) await remove({ driver: world.driver, now, id, deletionGrace: 7 * day })
    const driver = missingLater(world.driver, parent, before - 1)
    expect((await undelete({ driver, now, id: child })).undeleted).toEqual([parent, child])
  })

  it('keeps what it builds on', async () => {
    const world = aWorld()
    const { driver, now } = world
    const parent = await world.full()
    const child = await world.incremental()
    await remove({ driver, now, id: child, deletionGrace: day })
    const wanted = { ids: new Set([parent]), known: new Set([parent]), forGood: true }
    const timed = { signal: new AbortController().signal, now }
    const reasons = await reasonsToStay(guard(missingBoth(driver, child)), wanted, timed)
    expect(reasons.get(parent)).toMatch(`needed by ${child}, which is deleted and can be brought back until`)
  })
})
