import { describe, expect, it } from 'vitest'
import { people, sourceOf } from '../../test/database.js'
import { aManifest, stored } from '../../test/manifests.js'
import { type MemoryDriver, memoryDriver, type Step } from '../../test/memory-driver.js'
import { backup } from '../backup/backup.js'
import { openCatalog } from '../inventory/catalog.js'
import type { Source } from '../ports/source.js'
import { remove } from './remove.js'

const id = 'full-2024-03-15T14-30-45-abc123'
const otherId = 'full-2024-03-16T14-30-45-def456'

const aStore = (onStep?: (step: Step, index: number) => void) =>
  memoryDriver({
    ...(onStep === undefined ? {} : { onStep }),
    objects: [
      [`x/${id}/users.jsonl.gz`, Buffer.alloc(10)],
      stored(`x/${id}`, aManifest({ id })),
      [`x/${id}/orders.jsonl.gz`, Buffer.alloc(20)],
      stored(`x/${otherId}`, aManifest({ id: otherId })),
      [`x/${id}-2/users.jsonl.gz`, Buffer.alloc(1)],
      ['x/notes.txt', Buffer.alloc(1)],
    ],
  })

const others = [`x/${otherId}/s3db.json`, `x/${id}-2/users.jsonl.gz`, 'x/notes.txt']

describe('remove', () => {
  it('removes all of the backup and nothing else, and reports how much that was', async () => {
    const driver = aStore()
    const manifestBytes = driver.objects.get(`x/${id}/s3db.json`)!.byteLength
    expect(await remove({ driver, id })).toEqual({
      id,
      files: 3,
      bytes: 30 + manifestBytes,
      purgeAfter: null,
    })
    expect([...driver.objects.keys()]).toEqual(others)
  })

  it('removes the manifest first', async () => {
    const driver = aStore()
    await remove({ driver, id })
    const deleted = driver.steps.filter(({ operation }) => operation === 'delete').map(({ key }) => key)
    expect(deleted[0]).toBe(`x/${id}/s3db.json`)
    expect(deleted.filter((key) => !key.startsWith('.leases/'))).toHaveLength(3)
  })

  it('is no removal where the storage says that it deletes and does not', async () => {
    const driver = aStore()
    const before = [...driver.objects.keys()]
    const lying = { ...driver, delete: async () => undefined }
    await expect(remove({ driver: lying, id })).rejects.toMatchObject({
      code: 'unavailable',
      message: `x/${id}/s3db.json was deleted, and can still be read`,
    })
    expect([...driver.objects.keys()].filter((key) => !key.startsWith('.leases/'))).toEqual(before)
  })

  it('keeps the files of a nested directory', async () => {
    const driver = aStore()
    driver.objects.set(`x/${id}/copies/${otherId}/users.jsonl.gz`, Buffer.alloc(5))
    await remove({ driver, id })
    expect([...driver.objects.keys()]).toContain(`x/${id}/copies/${otherId}/users.jsonl.gz`)
  })

  it('removes a damaged backup too', async () => {
    const driver = aStore()
    driver.objects.set(`x/${id}/s3db.json`, Buffer.from('{"format":"s3db-b'))
    await remove({ driver, id })
    expect([...driver.objects.keys()]).toEqual(others)
  })

  it.each(['full-1', 'x', 'notes.txt'])('says that %s is not found, and removes nothing', async (missing) => {
    const driver = aStore()
    await expect(remove({ driver, id: missing })).rejects.toMatchObject({
      code: 'not_found',
      operation: 'delete',
    })
    expect(driver.objects.size).toBe(6)
  })

  it('does not choose between two backups of one id', async () => {
    const driver = aStore()
    driver.objects.set(...stored(`y/${id}`, aManifest({ id })))
    await expect(remove({ driver, id })).rejects.toMatchObject({ code: 'conflict' })
    expect(driver.objects.size).toBe(7)
  })

  it.each([0, 1, 2, 3, 4, 5])(
    'that fails at step %d leaves no partial backup, and does the rest when run again',
    async (at) => {
      let failed = false
      const driver = aStore((_, index) => {
        if (failed || index !== at) return
        failed = true
        throw new Error('EIO')
      })
      await remove({ driver, id }).catch(() => undefined)
      const { backups } = await openCatalog(driver).list()
      const whole = driver.objects.size === 6
      expect(backups.some((entry) => entry.id === id)).toBe(whole)
      await remove({ driver, id }).catch((error: unknown) =>
        expect(error).toMatchObject({ code: 'not_found' }),
      )
      expect([...driver.objects.keys()]).toEqual(others)
    },
  )

  it('does not touch a directory without a manifest whose name is not one of ours', async () => {
    const driver = memoryDriver({ objects: [['users/photo.jpg', Buffer.alloc(9)]] })
    await expect(remove({ driver, id: 'users' })).rejects.toMatchObject({ code: 'not_found' })
    expect(driver.objects.size).toBe(1)
  })

  it('can be aborted', async () => {
    const driver = aStore()
    const reason = new Error('stop')
    await expect(remove({ driver, id, signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    expect(driver.objects.size).toBe(6)
  })
})

describe('a backup that has no manifest yet', () => {
  const hour = 60 * 60 * 1000
  const contents = { users: people(5) }
  const partsOf = ({ objects }: MemoryDriver) =>
    [...objects.keys()].filter((key) => key.startsWith(id) && !key.endsWith('/failed.json'))

  /** Makes a backup, during which something else is done once the database is looked at. */
  const making = (driver: MemoryDriver, meanwhile: () => Promise<unknown>) => {
    const source: Source = {
      ...sourceOf(contents),
      async describe(call) {
        await meanwhile()
        return sourceOf(contents).describe(call)
      },
    }
    return backup({ source, driver, id })
  }

  it('is not deleted while it is being made, and the refusal says so', async () => {
    const driver = memoryDriver()
    await making(driver, () =>
      expect(remove({ driver, id })).rejects.toMatchObject({
        code: 'conflict',
        retriable: true,
        message: expect.stringContaining('being made'),
      }),
    )
    expect((await openCatalog(driver).list()).backups).toMatchObject([{ id }])
  })

  it('is deleted with force, and the process that makes it notices', async () => {
    const driver = memoryDriver()
    const made = making(driver, () => remove({ driver, id, force: true }))
    await expect(made).rejects.toMatchObject({ code: 'conflict' })
    expect(partsOf(driver)).toEqual([])
  })

  it('is deleted once it is old enough to be abandoned', async () => {
    const driver = memoryDriver()
    const died = making(driver, async () => {
      const before = new Map(driver.objects)
      const later = () => new Date(Date.now() + hour)
      expect(await remove({ driver, id, now: later })).toMatchObject({ files: before.size })
      expect(partsOf(driver)).toEqual([])
      throw new Error('it died')
    })
    await expect(died).rejects.toThrow('it died')
  })

  it('stays if it is completed at that very moment', async () => {
    const manifest = stored(id, aManifest({ id }))
    const driver: MemoryDriver = memoryDriver({
      objects: [
        [`${id}/started.json`, Buffer.from('{}')],
        [`${id}/users.jsonl.gz`, Buffer.alloc(10)],
      ],
      onStep: ({ operation, key }) => {
        if (operation === 'delete' && key === `${id}/started.json`) driver.objects.set(...manifest)
      },
    })
    await expect(remove({ driver, id })).rejects.toMatchObject({ code: 'conflict', retriable: true })
    expect(partsOf(driver).sort()).toEqual([`${id}/s3db.json`, `${id}/users.jsonl.gz`])
  })
})
