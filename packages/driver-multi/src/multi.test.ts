import { BackupError, backup, type Driver } from '@s3db-backup/core'
import { memory } from '@s3db-backup/driver-testkit'
import { describe, expect, test } from 'vitest'
import { down } from '../test/doubles.js'
import { all, body, call, keysOf, rejection, source } from '../test/scene.js'
import { multi, withWholeLists } from './multi.js'
import type { Warning } from './multi-driver.js'

describe('the options', () => {
  test('give every destination a name that no other has', () => {
    const drivers = [
      memory(),
      memory(),
      { name: 'memory-2', driver: memory() },
      { name: 'offsite', driver: memory() },
    ]
    expect(multi({ drivers }).replicas.map(({ name }) => name)).toEqual([
      'memory',
      'memory-3',
      'memory-2',
      'offsite',
    ])
  })

  test.each([
    ['no driver', { drivers: [] }, 'at least one driver is needed'],
    ['something that is no driver', { drivers: [{ driver: 'filesystem' }] }, 'a driver is needed'],
    ['an unknown strategy', { drivers: [memory()], strategy: 'some' }, 'strategy'],
    ['a misspelt option', { drivers: [memory()], stratgy: 'all' }, 'strategy'],
    ['a concurrency of none', { drivers: [memory()], concurrency: 0 }, 'concurrency'],
    ['one name twice', { drivers: [1, 2].map(() => ({ name: 'a', driver: memory() })) }, 'Two destinations'],
  ])('refuse %s', async (_, options, says) => {
    const error = await rejection(Promise.resolve().then(() => Reflect.apply(multi, undefined, [options])))
    expect(error).toMatchObject({ code: 'invalid_options', message: expect.stringContaining(says) })
  })

  test('promise only what every destination can do', () => {
    const drivers = [memory({ maxObjectBytes: 70 }), memory({ maxObjectBytes: 50 }), memory()]
    expect(multi({ drivers }).capabilities).toEqual({ range: true, maxObjectBytes: 50 })
    expect(multi({ drivers: [memory(), memory({ range: false })] }).capabilities).toEqual({ range: false })
  })

  test('let core split a backup for the destination with the smallest limit', async () => {
    const small = memory({ maxObjectBytes: 70_000 })
    const driver = multi({ drivers: [memory(), small] })
    const { directory } = await backup({ source: source(), driver, codecs: [] })
    expect(keysOf(small)).toContain(`${directory}/orders.2.jsonl`)
  })
})

describe('a listing', () => {
  test('is the union of what the destinations hold, each key once', async () => {
    const [a, b] = [memory(), memory()]
    for (const key of ['x/1', 'x/2']) await a.put(key, body(1), call)
    for (const key of ['x/2', 'x/3', 'y/1']) await b.put(key, body(2), call)
    const listed = await all(multi({ drivers: [a, b] }).list('x/', call))
    expect(listed).toMatchObject([
      { key: 'x/1', bytes: 1 },
      { key: 'x/2', bytes: 1 },
      { key: 'x/3', bytes: 2 },
    ])
  })

  test('skips a destination that is down, with a warning, as long as another one answers', async () => {
    const a = memory()
    await a.put('x/1', body(1), call)
    const warnings: Warning[] = []
    const driver = multi({
      strategy: 'any',
      drivers: [down(), a],
      onWarning: (warning) => warnings.push(warning),
    })
    expect(await all(driver.list('', call))).toHaveLength(1)
    expect(warnings).toMatchObject([{ replica: 'down', operation: 'list', error: { code: 'unavailable' } }])
    await expect(all(multi({ drivers: [down(), down()] }).list('', call))).rejects.toMatchObject({
      operation: 'list',
    })
  })

  test('that must be complete rejects instead', async () => {
    const drivers = [memory(), down('permission_denied')]
    const refused = {
      code: 'permission_denied',
      metadata: { destinations: [{ status: 'success' }, { status: 'failed' }] },
    }
    await expect(all(withWholeLists(multi({ drivers })).list('', call))).rejects.toMatchObject(refused)
    await expect(all(multi({ drivers, partialLists: false }).list('', call))).rejects.toMatchObject(refused)
  })
})

describe('a stamp', () => {
  const stamps = async (driver: Driver) => (await all(driver.list('', call))).map(({ stamp }) => stamp)

  test('distinguishes the copies of different destinations, even if their stamps are equal', async () => {
    const [a, b] = [memory({ name: 'a' }), memory({ name: 'b' })]
    for (const one of [a, b]) await one.put('x/1', body(1), call)
    expect(await stamps(a)).toEqual(await stamps(b))
    const [both] = await stamps(multi({ drivers: [a, b] }))
    expect(both).toMatch(/^a /)
    expect(await stamps(multi({ drivers: [down(), b] }))).not.toEqual([both])
  })
})

describe('the time', () => {
  const clock = (day: string) => () => new Date(day)
  const [first, second] = [memory({ clock: clock('2024-03-15') }), memory({ clock: clock('2024-03-16') })]
  const silent: Driver = {
    ...memory({ name: 'silent' }),
    clock: () => Promise.reject(new BackupError('unavailable', 'no answer')),
  }

  test.each([
    ['the first destination', [first, second], '2024-03-15'],
    ['the first one that has a clock', [memory({ clock: false }), second], '2024-03-16'],
    ['the first one that answers', [silent, second], '2024-03-16'],
  ])('is that of %s', async (_, drivers, day) => {
    expect(await multi({ drivers }).clock?.(call)).toEqual(new Date(day))
  })

  test('is the clock of this machine if no destination with a clock answers', async () => {
    const asking = multi({ drivers: [memory({ clock: false }), silent] }).clock?.(call)
    await expect(asking).rejects.toMatchObject({ code: 'unavailable', driver: 'multi' })
  })

  test('is not requested if no destination has a clock', () => {
    expect(multi({ drivers: [memory({ clock: false })] }).clock).toBeUndefined()
  })
})

describe('a removal', () => {
  test('happens everywhere, even after one destination failed, and then rejects', async () => {
    const [a, c] = [memory(), memory()]
    for (const one of [a, c]) await one.put('x/1', body(1), call)
    const driver = multi({ drivers: [a, down(), c], concurrency: 1 })
    await expect(driver.delete('x/1', call)).rejects.toMatchObject({
      operation: 'delete',
      metadata: { destinations: [{ status: 'success' }, { status: 'failed' }, { status: 'success' }] },
    })
    expect([a, c].flatMap(keysOf)).toEqual([])
  })

  test('of all objects of a failed backup makes its directory usable again', async () => {
    const drivers = [memory(), memory({ maxObjectBytes: 5 })]
    const driver = multi({ drivers })
    await expect(driver.put('x/1', body(6), call)).rejects.toMatchObject({
      code: 'no_space',
    })
    await driver.delete('x/1', call)
    await expect(driver.put('x/1', body(4), call)).resolves.toEqual({ bytes: 4 })
  })
})

test('closing it closes every destination, even after one failed', async () => {
  const closed: string[] = []
  const closing = (name: string) => ({ ...memory({ name }), close: async () => void closed.push(name) })
  const broken = { ...memory(), close: () => Promise.reject(new Error('cannot close')) }
  const driver = multi({ drivers: [closing('a'), broken, closing('b'), memory()] })
  await expect(driver.close?.()).rejects.toThrow('cannot close')
  expect(closed).toEqual(['a', 'b'])
})
