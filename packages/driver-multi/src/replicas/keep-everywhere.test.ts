import { BackupError, backup, type Driver, type ErrorCode, remove } from '@s3db-backup/core'
import { type MemoryDriver, memory } from '@s3db-backup/driver-testkit'
import { beforeEach, describe, expect, test } from 'vitest'
import { backUp, backupsAt, call, growing, keysOf } from '../../test/scene.js'
import { multi } from '../multi.js'
import { repair } from './repair.js'
import { sync } from './sync.js'

const isLease = (key: string) => key.startsWith('.leases/')

/** A replica that fails whatever concerns leases. */
function withoutLeases(inner: Driver, fails: 'put' | 'list', code: ErrorCode): Driver {
  const refusal = () => new BackupError(code, `${fails} failed`)
  return {
    ...inner,
    put: (key, body, call) =>
      fails === 'put' && isLease(key) ? Promise.reject(refusal()) : inner.put(key, body, call),
    async *list(prefix, call) {
      if (fails === 'list' && isLease(prefix)) throw refusal()
      yield* inner.list(prefix, call)
    },
  }
}

let a: MemoryDriver
let b: MemoryDriver
beforeEach(() => {
  a = memory({ name: 'a' })
  b = memory({ name: 'b' })
})

describe('a sync', () => {
  test.each(['put', 'list'] as const)('writes nothing at a target whose leases fail (%s)', async (fails) => {
    const { id } = await backUp(a)
    const drivers = [a, withoutLeases(b, fails, 'unavailable')]
    await expect(sync({ multi: multi({ drivers }) })).rejects.toMatchObject({
      code: 'incomplete',
      metadata: { copied: [], notCopied: [{ id, replica: 'b', error: { code: 'unavailable' } }] },
    })
    expect(keysOf(b)).toEqual([])
  })

  test.each(['put', 'list'] as const)('copies from a source whose leases fail (%s)', async (fails) => {
    const { id } = await backUp(a)
    await sync({ multi: multi({ drivers: [withoutLeases(a, fails, 'unavailable'), b] }) })
    expect(await backupsAt(b)).toEqual([{ id, ok: true }])
  })

  test.each(['permission_denied', 'no_space', 'unsupported'] as const)(
    'goes on without a lease where none can be stored (%s)',
    async (code) => {
      const { id } = await backUp(a)
      const drivers = [withoutLeases(a, 'put', code), withoutLeases(b, 'put', code)]
      await sync({ multi: multi({ drivers }) })
      expect(await backupsAt(b)).toEqual([{ id, ok: true }])
    },
  )

  test('reports as not copied what a full target does not take', async () => {
    const { id } = await backUp(a)
    const full: Driver = { ...b, put: () => Promise.reject(new BackupError('no_space', 'The disk is full')) }
    await expect(sync({ multi: multi({ drivers: [a, full] }) })).rejects.toMatchObject({
      code: 'incomplete',
      metadata: { notCopied: [{ id, replica: 'b', error: { code: 'no_space' } }] },
    })
  })

  test('skips a backup that was removed everywhere before it was leased', async () => {
    const full = await backup({ source: growing(), driver: a })
    const child = await backup({ source: growing(), driver: a, incremental: {} })
    let removed = false
    const pruned: Driver = {
      ...a,
      async put(key, body, call) {
        if (isLease(key) && !removed) {
          removed = true
          await remove({ driver: a, id: child.id })
        }
        return a.put(key, body, call)
      },
    }
    const { copied } = await sync({ multi: multi({ drivers: [pruned, b] }) })
    expect(copied.map(({ id }) => id)).toEqual([full.id])
  })

  test('stores no lease when there is nothing to copy', async () => {
    await backUp(multi({ drivers: [a, b] }))
    const put = () => Promise.reject(new Error('nothing is to be stored'))
    const drivers = [
      { ...a, put },
      { ...b, put },
    ]
    expect(await sync({ multi: multi({ drivers }) })).toEqual({ copied: [] })
  })
})

describe('a repair', () => {
  test.each(['put', 'list'] as const)('writes nothing where leases fail (%s)', async (fails) => {
    const { id, directory, manifest } = await backUp(multi({ drivers: [a, b] }))
    const file = manifest.parts[0]?.file
    await b.delete(`${directory}/${file}`, call)
    const before = new Map(b.objects)
    const drivers = [a, withoutLeases(b, fails, 'unavailable')]
    await expect(repair({ multi: multi({ drivers }), id })).rejects.toMatchObject({
      code: 'incomplete',
      metadata: { healed: [], notHealed: [{ replica: 'b', file, error: { code: 'unavailable' } }] },
    })
    expect(b.objects).toEqual(before)
    expect(await repair({ multi: multi({ drivers: [a, b] }), id })).toEqual({
      healed: [{ replica: 'b', file }],
    })
  })
})
