import { BackupError, backup, type Driver, openCatalog, verify } from '@s3db-backup/core'
import { failed } from '@s3db-backup/core/internal'
import { memory } from '@s3db-backup/driver-testkit'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { down } from '../../test/doubles.js'
import { backUp, backupsAt, begin, body, call, keysOf, rejection, source } from '../../test/scene.js'
import { multi } from '../multi.js'
import type { Strategy } from '../multi-driver.js'
import { backupTo } from '../replicas/backup-to.js'

const id = 'nightly'
const strategies: readonly Strategy[] = ['all', 'any', 'priority']

/** A storage that lets other things happen before each of its calls. */
function waiting(driver: Driver, turn: () => Promise<void>): Driver {
  return {
    ...driver,
    async put(...given) {
      await turn()
      return driver.put(...given)
    },
    async *get(...given) {
      await turn()
      yield* driver.get(...given)
    },
    async *list(...given) {
      await turn()
      yield* driver.list(...given)
    },
  }
}

describe.each(strategies)('two backups of one id at the same moment ("%s")', (strategy) => {
  test('count as one, whichever destination answers first, and the other is reported', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.boolean(), async (scheduler, isOneProcess) => {
        const places = [memory(), memory()]
        const turn = () => scheduler.schedule(Promise.resolve())
        const made = () => multi({ strategy, drivers: places.map((place) => waiting(place, turn)) })
        const first = made()
        const drivers = [first, isOneProcess ? first : made()]
        const make = (driver: (typeof drivers)[number]) =>
          backupTo(driver, (to) => backup({ source: source(), driver: to, id, verify: false })).then(
            () => 'made',
            (error: BackupError) => error.code,
          )
        const outcomes = Promise.all(drivers.map(make))
        await scheduler.waitFor(outcomes)
        expect((await outcomes).sort()).toEqual(['conflict', 'made'])
        const backups = await Promise.all(places.map(backupsAt))
        for (const there of backups) expect(there.every(({ ok }) => ok)).toBe(true)
        const holding = strategy === 'priority' ? 1 : 2
        expect(backups.filter(({ length }) => length === 1)).toHaveLength(holding)
        if (holding === 2) expect(places[0]!.objects).toEqual(places[1]!.objects)
      }),
      { numRuns: 20 },
    )
  })
})

describe('the claim of a directory', () => {
  test.each(['all', 'any'] as const)('"%s": fails if any destination has another one', async (strategy) => {
    const [a, b] = [memory(), memory()]
    await begin(b, 'x')
    const driver = multi({ strategy, drivers: [a, b] })
    await expect(
      driver.put('x/started.json', body(20), { ...call, kind: 'note', begins: true }),
    ).rejects.toMatchObject({ code: 'conflict' })
    expect([keysOf(a), keysOf(b)]).toEqual([[], ['x/started.json']])
    expect(b.objects.get('x/started.json')).toHaveLength(10)
  })

  test('"any": fails against an existing one even while another destination is down', async () => {
    const b = memory()
    await begin(b, 'x')
    const driver = multi({ strategy: 'any', drivers: [down(), b] })
    await expect(
      driver.put('x/started.json', body(20), { ...call, kind: 'note', begins: true }),
    ).rejects.toMatchObject({ code: 'conflict' })
    expect(keysOf(b)).toEqual(['x/started.json'])
  })

  test('is removed if it was stored but the answer got lost; another’s claim never is', async () => {
    for (const own of [true, false]) {
      const [a, b] = [memory(), memory()]
      const forgetful: Driver = {
        ...b,
        async put(...given) {
          if (own) await b.put(...given)
          throw new BackupError('unavailable', 'The connection was lost')
        },
      }
      if (!own) await begin(b, 'x')
      const driver = multi({ strategy: 'any', drivers: [a, forgetful] })
      await driver.put('x/started.json', body(20), { ...call, kind: 'note', begins: true })
      expect([keysOf(a), keysOf(b)]).toEqual([['x/started.json'], own ? [] : ['x/started.json']])
    }
  })

  test('"all": an abort leaves no trace of it anywhere', async () => {
    const [a, b] = [memory(), memory()]
    const stop = new AbortController()
    const aborting: Driver = {
      ...b,
      async put() {
        stop.abort('enough')
        throw stop.signal.reason
      },
    }
    const put = multi({ drivers: [a, aborting] }).put('x/started.json', body(20), {
      kind: 'note',
      begins: true,
      signal: stop.signal,
    })
    expect(await rejection(put)).toBe('enough')
    expect([a, b].flatMap(keysOf)).toEqual([])
  })
})

describe('a backup that failed because a destination is down', () => {
  /** Goes down for good at the first object that is neither note nor lease. */
  function failingMidway(driver: Driver): Driver {
    let isDown = false
    const check = () => {
      if (isDown) throw new BackupError('unavailable', 'The connection was refused')
    }
    return {
      ...driver,
      async put(key, ...given) {
        if (key.endsWith('.jsonl.gz')) isDown = true
        check()
        return driver.put(key, ...given)
      },
      async *get(...given) {
        check()
        yield* driver.get(...given)
      },
      async *list(...given) {
        check()
        yield* driver.list(...given)
      },
      async delete(...given) {
        check()
        return driver.delete(...given)
      },
    }
  }

  test.each([0, 1])('"all": leaves a note at the others (%i down)', async (index) => {
    const places = [memory(), memory()]
    const midway = failingMidway(places[index]!)
    const driver = multi({ drivers: places.map((place, at) => (at === index ? midway : place)) })
    const options = { source: source(), driver, id, verify: false }
    await expect(backup(options)).rejects.toMatchObject({ code: 'unavailable' })
    const other = places[1 - index]!
    expect([...other.objects.keys()]).toEqual([`${id}/failed.json`])
    expect(await failed({ driver })).toMatchObject([{ id, cancelled: false, error: { code: 'unavailable' } }])
    expect((await openCatalog(other).list()).backups).toEqual([])
  })

  test.each([0, 1])('"all": leaves a note even if it was down from the start (%i down)', async (index) => {
    const places = [memory(), memory()]
    const driver = multi({ drivers: places.map((place, at) => (at === index ? down() : place)) })
    await expect(backup({ source: source(), driver, id })).rejects.toMatchObject({ code: 'unavailable' })
    expect([...places[1 - index]!.objects.keys()]).toEqual([`${id}/failed.json`])
  })

  test('"all": can be made again under its id by the same driver once the destination is up', async () => {
    const places = [memory(), memory()]
    let refused = 1
    const moody: Driver = {
      ...places[1]!,
      async put(key, ...given) {
        if (key.endsWith('.jsonl.gz') && refused-- > 0) throw new BackupError('unavailable', 'not now')
        return places[1]!.put(key, ...given)
      },
    }
    const driver = multi({ drivers: [places[0]!, moody] })
    await expect(backup({ source: source(), driver, id })).rejects.toMatchObject({ code: 'unavailable' })
    await backup({ source: source(), driver, id })
    for (const place of places) expect(await verify({ driver: place, id })).toMatchObject({ ok: true })
  })
})

test('a running backup is still removed completely where one of its parts fails', async () => {
  const places = [memory(), memory()]
  const full: Driver = {
    ...places[1]!,
    async put(key, ...given) {
      if (key.includes('users')) throw new BackupError('no_space', 'The disk is full')
      return places[1]!.put(key, ...given)
    },
  }
  await backUp(multi({ strategy: 'any', drivers: [places[0]!, full] }))
  expect(keysOf(places[1]!)).toEqual([])
  expect(await backupsAt(places[0]!)).toMatchObject([{ ok: true }])
})
