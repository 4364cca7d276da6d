import { BackupError, backup, type Driver, openCatalog, prune, remove, verify } from '@s3db-backup/core'
import { undelete } from '@s3db-backup/core/internal'
import { memory } from '@s3db-backup/driver-testkit'
import { describe, expect, it } from 'vitest'
import { multi, withWholeLists } from '../index.js'

const source = {
  describe: async () => ({
    database: {},
    resources: [{ name: 'users', attributes: {}, partitions: {}, timestamps: false }],
  }),
  async *read() {
    yield { rows: [{ id: 'a' }] }
  },
}
const call = { signal: new AbortController().signal }
const day = 24 * 60 * 60 * 1000

async function keysOf(driver: Driver): Promise<string[]> {
  const keys: string[] = []
  for await (const { key } of driver.list('', call)) keys.push(key)
  return keys.sort()
}

it('a backup deleted with a grace time comes back where it was, and nowhere else', async () => {
  const [near, far] = [memory(), memory()]
  const { id } = await backup({ source, driver: far })
  const before = await keysOf(far)
  for (const strategy of ['all', 'any', 'priority'] as const) {
    const driver = withWholeLists(multi({ drivers: [near, far], strategy }))
    await remove({ driver, id, deletionGrace: day })
    expect(await keysOf(near)).toEqual([])
    expect((await openCatalog(far).list()).backups).toEqual([])
    expect((await undelete({ driver, id })).undeleted).toEqual([id])
    expect(await keysOf(near)).toEqual([])
    expect(await keysOf(far)).toEqual(before)
    expect(await verify({ driver: far, id })).toMatchObject({ ok: true })
  }
})

it('a deletion leaves the backup everywhere if one destination does not store its note', async () => {
  const [one, other] = [memory(), memory()]
  const whole = multi({ drivers: [one, other] })
  const { id } = await backup({ source, driver: whole })
  const before = [await keysOf(one), await keysOf(other)]
  const full: Driver = {
    ...other,
    async put(key, body, options) {
      if (key.endsWith('/deleted.json')) throw new BackupError('no_space', 'The disk is full')
      return other.put(key, body, options)
    },
  }
  const driver = withWholeLists(multi({ drivers: [one, full] }))
  const plan = () => ({ keep: [], remove: [{ id, reasons: [] }] })
  await expect(prune({ driver, plan, deletionGrace: day })).rejects.toMatchObject({ code: 'no_space' })
  expect([await keysOf(one), await keysOf(other)]).toEqual(before)
})

describe.each(['all', 'any', 'priority'] as const)(
  'a file that is added to a finished backup ("%s")',
  (strategy) => {
    it('goes where the backup is, and nowhere else', async () => {
      const [near, far, third] = [memory(), memory(), memory()]
      const { directory } = await backup({ source, driver: multi({ drivers: [far, third] }) })
      const driver = multi({ drivers: [near, far, third], strategy })
      await driver.put(`${directory}/keys.2.json`, bytes(), { ...call, kind: 'keys' })
      for (const place of [far, third]) expect(await keysOf(place)).toContain(`${directory}/keys.2.json`)
      expect(await keysOf(near)).toEqual([])
    })

    it('stays at a destination that has it from another process and does not answer this one', async () => {
      const [near, far] = [memory(), memory()]
      const { directory } = await backup({ source, driver: multi({ drivers: [near, far] }) })
      const key = `${directory}/keys.2.json`
      const busy: Driver = {
        ...far,
        async put(each, body, options) {
          await far.put(each, bytes('theirs'), options)
          for await (const _ of body);
          throw new BackupError('unavailable', 'The connection was lost')
        },
      }
      const driver = multi({ drivers: [near, busy], strategy })
      const storing = driver.put(key, bytes('ours'), { ...call, kind: 'keys' })
      await expect(storing).rejects.toMatchObject({ code: 'unavailable' })
      expect(await keysOf(far)).toContain(key)
      expect(await keysOf(near)).not.toContain(key)
    })

    it('is removed from a destination that stored it but whose answer was lost', async () => {
      const [near, far] = [memory(), memory()]
      const { directory } = await backup({ source, driver: multi({ drivers: [near, far] }) })
      const key = `${directory}/keys.2.json`
      const silent: Driver = {
        ...far,
        async put(each, body, options) {
          await far.put(each, body, options)
          throw new BackupError('unavailable', 'The connection was lost')
        },
      }
      const driver = multi({ drivers: [near, silent], strategy })
      const storing = driver.put(key, bytes('ours'), { ...call, kind: 'keys' })
      await expect(storing).rejects.toMatchObject({ code: 'unavailable' })
      for (const place of [near, far]) expect(await keysOf(place)).not.toContain(key)
    })

    it('is refused while a destination that may have the backup does not answer', async () => {
      const [near, far] = [memory(), memory()]
      const { directory } = await backup({ source, driver: multi({ drivers: [near, far] }) })
      const before = [await keysOf(near), await keysOf(far)]
      const silent: Driver = {
        ...far,
        async *list() {
          yield* []
          throw new BackupError('unavailable', 'The connection was refused')
        },
      }
      const driver = multi({ drivers: [near, silent], strategy })
      await expect(
        driver.put(`${directory}/keys.2.json`, bytes(), { ...call, kind: 'keys' }),
      ).rejects.toMatchObject({
        code: 'unavailable',
        metadata: { destinations: [{ status: 'success' }, { status: 'failed' }] },
      })
      expect([await keysOf(near), await keysOf(far)]).toEqual(before)
    })
  },
)

async function* bytes(text = '{}'): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text)
}
