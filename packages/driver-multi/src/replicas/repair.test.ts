import { type Driver, isBackupError } from '@s3db-backup/core'
import { faulty, type MemoryDriver, memory } from '@s3db-backup/driver-testkit'
import { beforeEach, describe, expect, test } from 'vitest'
import { cut, spoil } from '../../test/damage.js'
import { cutting, down } from '../../test/doubles.js'
import { backUp, backupsAt, call, keysOf, rejection } from '../../test/scene.js'
import { multi } from '../multi.js'
import { type RepairEvent, repair } from './repair.js'
import { locate, verifyReplicas } from './verify-replicas.js'

let a: MemoryDriver
let b: MemoryDriver
let id: string
let files: string[]
const at = (file: string) => `${id}/${file}`
const both = (...more: Driver[]) => multi({ drivers: [a, b, ...more] })

beforeEach(async () => {
  a = memory({ name: 'a' })
  b = memory({ name: 'b' })
  const made = await backUp(both())
  id = made.id
  files = made.manifest.parts.map(({ file }) => file)
})

const [spoilt, shortened, missing] = [0, 1, 2] as const

async function damage(driver: MemoryDriver): Promise<void> {
  await spoil(driver, at(files[spoilt]!))
  await cut(driver, at(files[shortened]!))
  await driver.delete(at(files[missing]!), call)
}

describe('repair', () => {
  test('replaces damaged or missing parts with the good copy, at each destination', async () => {
    const before = new Map(a.objects)
    await damage(a)
    await spoil(b, at(files[3]!))
    const events: RepairEvent[] = []

    const { healed } = await repair({ multi: both(), id, onEvent: (event) => events.push(event) })

    expect(healed).toEqual([
      { replica: 'a', file: files[0] },
      { replica: 'a', file: files[1] },
      { replica: 'a', file: files[2] },
      { replica: 'b', file: files[3] },
    ])
    expect(events).toHaveLength(4)
    expect(new Map([...a.objects].sort())).toEqual(new Map([...before].sort()))
    expect(await verifyReplicas({ multi: both(), id })).toMatchObject({ ok: true })
    expect(await repair({ multi: both(), id })).toEqual({ healed: [] })
  })

  test('replaces a damaged manifest, after the parts', async () => {
    await spoil(a, at('s3db.json'))
    await spoil(a, at(files[0]!))
    const { healed } = await repair({ multi: both(), id })
    expect(healed).toEqual([
      { replica: 'a', file: files[0] },
      { replica: 'a', file: 's3db.json' },
    ])
    expect(await backupsAt(a)).toEqual([{ id, ok: true }])
  })

  test('does not replace a manifest while a part is damaged', async () => {
    await spoil(a, at('s3db.json'))
    for (const one of [a, b]) await spoil(one, at(files[0]!))
    await expect(repair({ multi: both(), id })).rejects.toMatchObject({ code: 'incomplete' })
    expect(await backupsAt(a)).toEqual([])
  })

  test('leaves the copies of a part that is damaged everywhere, and repairs the others', async () => {
    await spoil(a, at(files[0]!))
    await cut(b, at(files[0]!))
    await spoil(a, at(files[1]!))
    const before = [a, b].map((one) => one.objects.get(at(files[0]!)))

    await expect(repair({ multi: both(), id })).rejects.toMatchObject({
      code: 'incomplete',
      metadata: {
        healed: [{ replica: 'a', file: files[1] }],
        notHealed: [{ replica: 'a' }, { replica: 'b' }],
      },
    })

    expect([a, b].map((one) => one.objects.get(at(files[0]!)))).toEqual(before)
  })

  test('does not change what could not be read, and reports it', async () => {
    const before = new Map(a.objects)
    const cutParts = cutting(a, 5, 'error').get
    const shaky: Driver = {
      ...a,
      get: (key, call) => (key.endsWith('s3db.json') ? a : { get: cutParts }).get(key, call),
    }
    const outcome = await rejection(repair({ multi: multi({ drivers: [shaky, b, down()] }), id }))
    expect(outcome).toMatchObject({
      code: 'incomplete',
      metadata: {
        healed: [],
        notHealed: [
          { replica: 'down', error: { code: 'unavailable' } },
          ...files.map((file) => ({ replica: 'a', file, error: { code: 'unavailable' } })),
        ],
      },
    })
    expect(a.objects).toEqual(before)
  })

  test('does not change a destination without the backup', async () => {
    const c = memory({ name: 'c' })
    await damage(a)
    await repair({ multi: both(c), id })
    expect(keysOf(c)).toEqual([])
  })

  test('can fail at any step without losing the last good copy, and can be run again', async () => {
    await damage(a)
    const damaged = new Map(a.objects)
    const copyOf = async (objects: ReadonlyMap<string, Uint8Array>) => {
      const driver = memory({ name: 'a' })
      for (const [key, bytes] of objects)
        await driver.put(
          key,
          (async function* () {
            yield bytes
          })(),
          call,
        )
      return driver
    }
    const counting = faulty(await copyOf(damaged))
    await repair({ multi: multi({ drivers: [counting, b] }), id })
    for (let failAt = 1; failAt <= counting.steps; failAt++) {
      const again = await copyOf(damaged)
      const outcome = await repair({ multi: multi({ drivers: [faulty(again, { failAt }), b] }), id }).catch(
        (error: unknown) => error,
      )
      if (isBackupError(outcome)) expect(outcome.code).toBe('incomplete')
      expect(await backupsAt(b)).toEqual([{ id, ok: true }])
      await repair({ multi: multi({ drivers: [again, b] }), id })
      expect(await backupsAt(again)).toEqual([{ id, ok: true }])
    }
    expect(counting.steps).toBeGreaterThan(20)
  })

  test('is impossible without a sound manifest', async () => {
    for (const one of [a, b]) await spoil(one, at('s3db.json'))
    await expect(repair({ multi: both(), id })).rejects.toMatchObject({ code: 'not_found' })
  })
})

describe('each destination is judged by itself', () => {
  test('a backup is whole, damaged, missing or unreachable', async () => {
    const c = memory({ name: 'c' })
    await b.delete(at(files[missing]!), call)
    const found = await locate({ multi: both(c, down()), id })
    expect(found.map(({ name, state }) => `${name} ${state}`)).toEqual([
      'a whole',
      'b damaged',
      'c missing',
      'down unreachable',
    ])
  })

  test('changed bytes are only detected by reading them', async () => {
    await spoil(b, at(files[spoilt]!))
    const states = async (level: 'quick' | 'full') =>
      (await verifyReplicas({ multi: both(), id, level })).replicas.map(({ state }) => state)
    expect(await states('quick')).toEqual(['whole', 'whole'])
    expect(await states('full')).toEqual(['whole', 'damaged'])
  })
})
