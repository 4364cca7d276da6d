import { describe, expect, it } from 'vitest'
import { memoryTarget, people, sourceOf } from '../../test/database.js'
import { leftIn, type MemoryDriver, memoryDriver } from '../../test/memory-driver.js'
import { backup, openCatalog, restore, type Source } from '../index.js'
import { sweep, unfinished } from '../internal.js'

const hour = 60 * 60 * 1000
const contents = { users: people(3) }
const start = new Date('2024-03-15T12:00:00.000Z')
const after = (ms: number) => () => new Date(start.getTime() + ms)

/** A backup whose process died after its parts, before its manifest. */
async function died(driver: MemoryDriver, id: string, now = after(0)) {
  const { directory } = await backup({ source: sourceOf(contents), driver, now, id })
  driver.objects.delete(`${directory}/s3db.json`)
  return directory
}

const keysOf = (driver: MemoryDriver, id: string) =>
  [...driver.objects.keys()].filter((key) => key.includes(`${id}/`))

describe('a backup under way', () => {
  it('is seen by others from before its first part until its manifest', async () => {
    const driver = memoryDriver()
    const seen: unknown[] = []
    const source: Source = {
      ...sourceOf(contents),
      async describe(call) {
        seen.push(...(await unfinished({ driver })))
        return sourceOf(contents).describe(call)
      },
    }
    const { id } = await backup({ source, driver, now: after(0), folder: '{year}', type: 'nightly' })
    expect(seen).toEqual([
      {
        id,
        directory: `2024/${id}`,
        type: 'nightly',
        startedAt: start.toISOString(),
        // Its start time is years ago, so it counts as abandoned at once.
        abandoned: true,
        files: 1,
        bytes: driver.objects.get(`2024/${id}/started.json`)?.byteLength,
      },
    ])
    expect(await unfinished({ driver })).toEqual([])
  })

  it('that fails removes its note', async () => {
    const driver = memoryDriver()
    const describe = () => Promise.reject(new Error('gone'))
    await expect(backup({ source: { ...sourceOf(contents), describe }, driver })).rejects.toThrow('gone')
    expect(leftIn(driver)).toEqual([])
  })

  it('leaves no note in a dry run', async () => {
    const driver = memoryDriver()
    await backup({ source: sourceOf(contents), driver, dryRun: true })
    expect(driver.objects.size).toBe(0)
  })

  it('is not inferred from an unreadable note, or from that of another backup', async () => {
    const driver = memoryDriver()
    await died(driver, 'full-a')
    const note = driver.objects.get('full-a/started.json') ?? Buffer.from('')
    driver.objects.set('full-b/started.json', note)
    driver.objects.set('full-c/started.json', note.subarray(0, 20))
    driver.objects.set('full-d/started.json', Buffer.from('{}'))
    driver.objects.set('full-e/started.json', Buffer.alloc(10_000, ' '))
    expect((await unfinished({ driver })).map(({ id }) => id)).toEqual(['full-a'])
  })
})

describe('a sweep', () => {
  it('removes what is older than the grace time and leaves the rest and every backup', async () => {
    const driver = memoryDriver()
    const whole = await backup({ source: sourceOf(contents), driver, now: after(0) })
    await died(driver, 'old')
    await died(driver, 'young', after(hour))
    driver.objects.set('old/copy/mine.txt', Buffer.from('mine'))
    const now = after(24 * hour)
    expect(await sweep({ driver, now, dryRun: true })).toMatchObject({ swept: [{ id: 'old' }] })
    expect(keysOf(driver, 'old')).not.toEqual(['old/copy/mine.txt'])
    const report = await sweep({ driver, now })
    expect(report).toMatchObject({ swept: [{ id: 'old', files: 3 }], left: [{ id: 'young' }] })
    expect(keysOf(driver, 'old')).toEqual(['old/copy/mine.txt'])
    expect(keysOf(driver, 'young')).toHaveLength(3)
    await restore({ driver, id: whole.id, target: memoryTarget() })
  })

  it('never touches a directory with a manifest, even a damaged one', async () => {
    const driver = memoryDriver()
    await backup({ source: sourceOf(contents), driver, now: after(0), id: 'damaged' })
    await backup({ source: sourceOf(contents), driver, now: after(0) })
    driver.objects.set('damaged/s3db.json', Buffer.from('{'))
    expect(await sweep({ driver, now: after(1000 * hour) })).toEqual({ swept: [], left: [], failed: [] })
  })

  it('leaves the newest if there is no backup at all', async () => {
    const driver = memoryDriver()
    await died(driver, 'first')
    await died(driver, 'second', after(hour))
    const { swept, left } = await sweep({ driver, now: after(1000 * hour) })
    expect(swept.map(({ id }) => id)).toEqual(['first'])
    expect(left.map(({ id }) => id)).toEqual(['second'])
    expect(keysOf(driver, 'second')).toHaveLength(3)
  })

  it('can be run again after a failure at any step, and never harms the backup beside it', async () => {
    const whole = await died(memoryDriver(), 'probe').then(() => backupBeside())
    const begin = whole.driver.steps.length
    await sweep({ driver: whole.driver, now: after(25 * hour) })
    const steps = whole.driver.steps.length - begin
    expect(steps).toBeGreaterThan(4)
    for (let broken = 0; broken < steps; broken++) {
      const objects = (await backupBeside()).driver.objects
      const driver = memoryDriver({
        objects,
        onStep: (_, index) => {
          if (index === broken) throw new Error('cut')
        },
      })
      await sweep({ driver, now: after(25 * hour) }).catch(() => undefined)
      await sweep({ driver, now: after(25 * hour) })
      const { backups, damaged } = await openCatalog(driver).list()
      expect(backups.map(({ id }) => id)).toEqual(['beside'])
      expect(damaged).toEqual([])
      expect(await unfinished({ driver })).toEqual([])
    }
  })

  it('and a backup that runs longer than the grace time: the backup fails and does not exist', async () => {
    const driver = memoryDriver()
    await backup({ source: sourceOf(contents), driver, now: after(0) })
    let hours = 0
    const now = () => after(hours * hour)()
    const slowly: Source = {
      ...sourceOf(contents),
      read(resource, call) {
        hours = 30
        return afterwards(() => sweep({ driver, now }), sourceOf(contents).read(resource, call))
      },
    }
    await expect(backup({ source: slowly, driver, now, id: 'slow' })).rejects.toMatchObject({
      code: 'conflict',
      metadata: { backupId: 'slow' },
    })
    expect(keysOf(driver, 'slow')).toEqual(['slow/failed.json'])
  })

  it('does not remove a backup whose manifest comes at the last moment', async () => {
    let driver = memoryDriver()
    await backup({ source: sourceOf(contents), driver, now: after(0), id: 'slow' })
    const manifest = driver.objects.get('slow/s3db.json') ?? Buffer.from('')
    await backup({ source: sourceOf(contents), driver, now: after(0), id: 'other' })
    driver.objects.delete('slow/s3db.json')
    const { objects } = driver
    driver = memoryDriver({
      objects,
      onStep: ({ operation, key }) => {
        if (operation === 'delete' && key === 'slow/started.json')
          driver.objects.set('slow/s3db.json', manifest)
      },
    })
    expect(await sweep({ driver, now: after(25 * hour) })).toMatchObject({
      swept: [],
      left: [{ id: 'slow' }],
    })
    await restore({ driver, id: 'slow', target: memoryTarget() })
  })

  it('refuses a grace time under an hour, and can be aborted', async () => {
    const driver = memoryDriver()
    await expect(sweep({ driver, graceMs: 1000 })).rejects.toMatchObject({ code: 'invalid_options' })
    const reason = new Error('stop')
    await expect(sweep({ driver, signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  })
})

async function backupBeside() {
  const driver = memoryDriver()
  await backup({ source: sourceOf(contents), driver, now: after(0), id: 'beside' })
  await died(driver, 'dead')
  return { driver }
}

/** The items, after something else was done. */
async function* afterwards<T>(work: () => Promise<unknown>, items: AsyncIterable<T>): AsyncGenerator<T> {
  yield* items
  await work()
}
