import { afterEach, describe, expect, it, vi } from 'vitest'
import { memoryDriver } from '../../test/memory-driver.js'
import { settle, thenSilence, thenThrows, toArray, toBytes, watched } from '../../test/streams.js'
import { BackupError } from '../errors.js'
import { type Driver, objectKinds, type PutCall } from './driver.js'
import { guard } from './guard.js'

const call = { signal: new AbortController().signal, kind: 'part' } as const
const reason = new Error('stop')
const chunks = () => watched([Buffer.from('abc'), Buffer.from('de')])

/** A driver that is right but for what is given. */
const driverWith = (methods: Partial<Driver>): Driver => guard({ ...memoryDriver(), ...methods })

afterEach(() => vi.useRealTimers())

describe('put', () => {
  it('stores the body', async () => {
    const driver = memoryDriver()
    expect(await guard(driver).put('a/b', chunks(), call)).toEqual({ bytes: 5 })
    expect(String(driver.objects.get('a/b'))).toBe('abcde')
  })

  it.each([
    ['does not read the body', async () => ({ bytes: 0 })],
    [
      'stops reading early',
      async (_: string, body: AsyncIterable<Uint8Array>) => {
        for await (const chunk of body) return { bytes: chunk.byteLength }
        return { bytes: 0 }
      },
    ],
    [
      'loses bytes',
      async (_: string, body: AsyncIterable<Uint8Array>) => ({ bytes: (await toBytes(body)).byteLength - 1 }),
    ],
    [
      'does not say what it stored',
      async (_: string, body: AsyncIterable<Uint8Array>) => {
        await toBytes(body)
        return undefined as unknown as { bytes: number }
      },
    ],
  ])('fails if the driver %s', async (_, put) => {
    const body = chunks()
    await expect(driverWith({ put }).put('key', body, call)).rejects.toMatchObject({
      name: 'BackupError',
      operation: 'upload',
      driver: 'memory',
      metadata: { key: 'key' },
    })
  })

  it('fails with the failure of the body, although the driver hides it', async () => {
    const failure = new Error('disk')
    const put: Driver['put'] = async (_, body) => {
      let bytes = 0
      try {
        for await (const chunk of body) bytes += chunk.byteLength
      } catch {
        return { bytes }
      }
      return { bytes }
    }
    const storing = driverWith({ put }).put('key', thenThrows(failure, Buffer.from('a')), call)
    await expect(storing).rejects.toBe(failure)
  })

  it('fails with the failure of the body, whatever the driver turns it into', async () => {
    const failure = new Error('disk')
    const put: Driver['put'] = async (_, body) => {
      await toBytes(body).catch(() => {
        throw new Error('upload failed')
      })
      return { bytes: 0 }
    }
    await expect(driverWith({ put }).put('key', thenThrows(failure), call)).rejects.toBe(failure)
  })

  it('closes the body when the driver fails without reading it', async () => {
    const body = chunks()
    const put: Driver['put'] = async (_, given) => {
      await given[Symbol.asyncIterator]().next()
      throw new Error('connection lost')
    }
    await expect(driverWith({ put }).put('key', body, call)).rejects.toMatchObject({ code: 'internal' })
    await settle()
    expect(body.finished()).toBe(true)
  })

  it('names the driver and the key of a failure that has no name', async () => {
    for (const broken of [new Error('EWHAT'), 'EWHAT']) {
      const put = () => {
        throw broken
      }
      await expect(driverWith({ put }).put('key', chunks(), call)).rejects.toMatchObject({
        code: 'internal',
        message: 'memory: EWHAT',
        driver: 'memory',
        operation: 'upload',
        metadata: { key: 'key' },
        cause: broken,
      })
    }
  })

  it('keeps the code of a failure that has one', async () => {
    const put = () =>
      Promise.reject(new BackupError('no_space', 'The disk is full', { metadata: { disk: '/' } }))
    await expect(driverWith({ put }).put('key', chunks(), call)).rejects.toMatchObject({
      code: 'no_space',
      driver: 'memory',
      metadata: { key: 'key', disk: '/' },
    })
  })

  it('ends with the reason when it is aborted while the body is silent', async () => {
    const controller = new AbortController()
    const driver = memoryDriver()
    const storing = guard(driver).put('key', thenSilence(Buffer.from('a')), {
      kind: 'part',
      signal: controller.signal,
    })
    await settle()
    controller.abort(reason)
    await expect(storing).rejects.toBe(reason)
    expect(driver.objects.size).toBe(0)
  })

  it('waits after an abort until the driver has cleaned up', async () => {
    const controller = new AbortController()
    let cleanedUp = false
    const put: Driver['put'] = async (_, body) => {
      try {
        await toBytes(body)
      } finally {
        await settle()
        cleanedUp = true
      }
      return { bytes: 0 }
    }
    const storing = driverWith({ put }).put('key', thenSilence(), { kind: 'part', signal: controller.signal })
    await settle()
    controller.abort(reason)
    await expect(storing).rejects.toBe(reason)
    expect(cleanedUp).toBe(true)
  })

  it('stops waiting for a driver that does not react to an abort within a second', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const controller = new AbortController()
    const put = () => new Promise<never>(() => undefined)
    const storing = driverWith({ put }).put('key', chunks(), { kind: 'part', signal: controller.signal })
    const rejected = expect(storing).rejects.toBe(reason)
    controller.abort(reason)
    await vi.advanceTimersByTimeAsync(1000)
    await rejected
  })
})

describe('what the object is', () => {
  it.each([undefined, '', 'parts', 'constructor', 1])('must be given: %j is refused', async (kind) => {
    const driver = memoryDriver()
    const wrong = { ...call, kind } as unknown as PutCall
    const refused = { code: 'invalid_options', metadata: { key: 'a/b', kind } }
    await expect(guard(driver).put('a/b', chunks(), wrong)).rejects.toMatchObject(refused)
    await expect(toBytes(guard(driver).get('a/b', wrong))).rejects.toMatchObject(refused)
    expect(driver.steps).toEqual([])
  })

  it.each(objectKinds)('reaches the driver: %s', async (kind) => {
    const seen: unknown[] = []
    const good = memoryDriver()
    const driver = driverWith({
      put: (key, body, given) => {
        seen.push(given.kind, given.begins)
        return good.put(key, body, given)
      },
      get: (key, given) => {
        seen.push(given.kind)
        return good.get(key, given)
      },
    })
    await driver.put('a/b', chunks(), { ...call, kind, begins: true })
    await toBytes(driver.get('a/b', { ...call, kind }))
    expect(seen).toEqual([kind, true, kind])
  })
})

describe('a piece of an object', () => {
  const ranged = (get: Driver['get']) => driverWith({ capabilities: { range: true }, get })

  it.each([{ offset: -1 }, { offset: 0.5 }, { length: 0 }, { length: 1.5 }, { offset: Number.NaN }])(
    'that is impossible is refused: %j',
    async (piece) => {
      const reading = toBytes(ranged(chunks).get('key', { ...call, ...piece }))
      await expect(reading).rejects.toMatchObject({ code: 'invalid_options', operation: 'download' })
    },
  )

  it.each([{ offset: 1 }, { length: 1 }])(
    'is not requested from a driver without range: %j',
    async (piece) => {
      const reading = toBytes(driverWith({ capabilities: {} }).get('key', { ...call, ...piece }))
      await expect(reading).rejects.toMatchObject({ code: 'invalid_options', metadata: { key: 'key' } })
    },
  )

  it('that is longer than requested fails', async () => {
    const reading = toBytes(ranged(chunks).get('key', { ...call, length: 4 }))
    await expect(reading).rejects.toMatchObject({ code: 'internal', driver: 'memory', operation: 'download' })
    expect(String(await toBytes(ranged(chunks).get('key', { ...call, length: 5 })))).toBe('abcde')
  })
})

describe('the time of the storage', () => {
  it('is what the driver reports', async () => {
    const now = new Date(0)
    expect(await driverWith({ clock: async () => now }).clock?.(call)).toBe(now)
    expect(guard(memoryDriver()).clock).toBeUndefined()
  })

  it.each([new Date('tomorrow'), 0, '2024-03-15', undefined])('is unknown if it is %j', async (time) => {
    const clock = async () => time as Date
    await expect(driverWith({ clock }).clock?.(call)).rejects.toMatchObject({
      code: 'internal',
      driver: 'memory',
    })
  })

  it('is not waited for after an abort', async () => {
    const controller = new AbortController()
    const asking = driverWith({ clock: () => new Promise(() => undefined) }).clock?.(controller)
    controller.abort(reason)
    await expect(asking).rejects.toBe(reason)
  })
})

describe('get, list and delete', () => {
  it.each([
    ['get', (driver: Driver, signal: AbortSignal) => toBytes(driver.get('key', { kind: 'part', signal }))],
    ['list', (driver: Driver, signal: AbortSignal) => toArray(driver.list('', { signal }))],
    ['delete', (driver: Driver, signal: AbortSignal) => driver.delete('key', { signal })],
  ])('%s ends with the reason although the driver is stuck', async (_, use) => {
    const controller = new AbortController()
    const stuck = guard(memoryDriver({ onStep: () => new Promise(() => undefined) }))
    const using = use(stuck, controller.signal)
    await settle()
    controller.abort(reason)
    await expect(using).rejects.toBe(reason)
  })

  it.each([
    ['get', (driver: Driver) => toBytes(driver.get('key', call)), 'download'],
    ['list', (driver: Driver) => toArray(driver.list('key', call)), 'list'],
    ['delete', (driver: Driver) => driver.delete('key', call), 'delete'],
  ])('%s names the driver and the key of a failure', async (_, use, operation) => {
    const failing = () => {
      throw new Error('EWHAT')
    }
    await expect(use(driverWith({ get: failing, list: failing, delete: failing }))).rejects.toMatchObject({
      code: 'internal',
      operation,
      driver: 'memory',
      metadata: { key: 'key' },
    })
  })

  it.each([
    ['a key outside the prefix', { key: 'other', bytes: 1 }],
    ['a negative size', { key: 'key', bytes: -1 }],
    ['half a byte', { key: 'key', bytes: 0.5 }],
  ])('list refuses %s', async (_, info) => {
    const list = () => watched([info])
    await expect(toArray(driverWith({ list }).list('key', call))).rejects.toMatchObject({ code: 'internal' })
  })
})

describe('keys', () => {
  const bad = [
    '',
    '/a',
    'a/',
    'a//b',
    '.',
    '..',
    'a/../b',
    './a',
    'a\\b',
    'a\0b',
    'a\nb',
    '\ud800',
    'é'.repeat(513),
  ]

  it.each(bad)('%j never reaches a driver', async (key) => {
    const driver = memoryDriver()
    const guarded = guard(driver)
    await expect(guarded.put(key, chunks(), call)).rejects.toMatchObject({ code: 'invalid_options' })
    await expect(toBytes(guarded.get(key, call))).rejects.toMatchObject({ code: 'invalid_options' })
    await expect(guarded.delete(key, call)).rejects.toMatchObject({ code: 'invalid_options' })
    expect(driver.steps).toEqual([])
  })

  it.each(['a', 'a/b.c', '...', 'a b', 'ü/😀', '%2e%2e/x', 'é'.repeat(512)])('%j does', async (key) => {
    const driver = memoryDriver()
    await guard(driver).put(key, chunks(), call)
    expect([...driver.objects.keys()]).toEqual([key])
  })
})

it('a guarded driver is not guarded again', () => {
  const driver = guard(memoryDriver())
  expect(guard(driver)).toBe(driver)
})

it('close is there if the driver has it', async () => {
  let closed = false
  const close = async () => {
    closed = true
  }
  await guard({ ...memoryDriver(), close }).close?.()
  expect(closed).toBe(true)
  expect(guard(memoryDriver()).close).toBeUndefined()
})
