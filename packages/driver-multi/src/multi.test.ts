import { backup } from '@s3db-backup/core'
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

  test('let core split a backup for the destination that takes the least', async () => {
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
    expect(listed).toEqual([
      { key: 'x/1', bytes: 1 },
      { key: 'x/2', bytes: 1 },
      { key: 'x/3', bytes: 2 },
    ])
  })

  test('passes over a destination that is down, with a warning, as long as another one answers', async () => {
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

  test('that must be whole rejects instead', async () => {
    const drivers = [memory(), down('permission_denied')]
    const refused = {
      code: 'permission_denied',
      metadata: { destinations: [{ status: 'success' }, { status: 'failed' }] },
    }
    await expect(all(withWholeLists(multi({ drivers })).list('', call))).rejects.toMatchObject(refused)
    await expect(all(multi({ drivers, partialLists: false }).list('', call))).rejects.toMatchObject(refused)
  })
})

describe('a removal', () => {
  test('takes place everywhere, also after one destination failed, and then rejects', async () => {
    const [a, c] = [memory(), memory()]
    for (const one of [a, c]) await one.put('x/1', body(1), call)
    const driver = multi({ drivers: [a, down(), c], concurrency: 1 })
    await expect(driver.delete('x/1', call)).rejects.toMatchObject({
      operation: 'delete',
      metadata: { destinations: [{ status: 'success' }, { status: 'failed' }, { status: 'success' }] },
    })
    expect([a, c].flatMap(keysOf)).toEqual([])
  })

  test('of all objects of a failed backup lets its directory be used again', async () => {
    const drivers = [memory(), memory({ maxObjectBytes: 5 })]
    const driver = multi({ drivers })
    await expect(driver.put('x/1', body(6), call)).rejects.toMatchObject({
      code: 'no_space',
    })
    await driver.delete('x/1', call)
    await expect(driver.put('x/1', body(4), call)).resolves.toEqual({ bytes: 4 })
  })
})

test('closing it closes every destination, also after one failed', async () => {
  const closed: string[] = []
  const closing = (name: string) => ({ ...memory({ name }), close: async () => void closed.push(name) })
  const broken = { ...memory(), close: () => Promise.reject(new Error('cannot close')) }
  const driver = multi({ drivers: [closing('a'), broken, closing('b'), memory()] })
  await expect(driver.close?.()).rejects.toThrow('cannot close')
  expect(closed).toEqual(['a', 'b'])
})
