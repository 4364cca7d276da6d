import { describe, expect, it } from 'vitest'
import { people, sourceOf } from '../../test/database.js'
import { leftIn, type MemoryDriver, memoryDriver } from '../../test/memory-driver.js'
import { BackupError, backup, openCatalog, prune, type Source, verify } from '../index.js'
import { failed, sweep, unfinished } from '../internal.js'

const hour = 60 * 60 * 1000
const start = new Date('2024-03-15T12:00:00.000Z')
const after = (ms: number) => () => new Date(start.getTime() + ms)
const good = sourceOf({ users: people(3) })

/** A source that breaks with the error. */
const broken = (error: unknown): Source => ({
  ...good,
  read: () => {
    throw error
  },
})

async function fails(
  driver: MemoryDriver,
  { id = 'one', source = broken(new Error('ECONNRESET')), now = after(0) } = {},
) {
  await expect(backup({ source, driver, id, now })).rejects.toThrow()
}

describe('a backup that fails', () => {
  it('leaves a note that another process can read, and nothing else', async () => {
    const driver = memoryDriver()
    await fails(driver, { source: broken(new BackupError('no_space', 'full', { operation: 'upload' })) })
    expect([...driver.objects.keys()]).toEqual(['one/failed.json'])
    expect(await failed({ driver })).toMatchObject([
      {
        id: 'one',
        directory: 'one',
        type: 'full',
        startedAt: start.toISOString(),
        failedAt: start.toISOString(),
        cancelled: false,
        error: {
          code: 'no_space',
          operation: 'upload',
          message: 'Failed to upload backup file: The disk or the quota is full.',
        },
        files: 1,
      },
    ])
    expect(await failed({ driver, id: 'two' })).toEqual([])
  })

  it('and was cancelled says so in its note', async () => {
    const driver = memoryDriver()
    const controller = new AbortController()
    const source: Source = {
      ...good,
      read: (...all) => {
        controller.abort()
        return good.read(...all)
      },
    }
    await expect(backup({ source, driver, id: 'one', signal: controller.signal })).rejects.toThrow()
    expect(await failed({ driver })).toMatchObject([
      {
        cancelled: true,
        error: { code: 'unavailable', message: 'The backup was stopped before it was complete' },
      },
    ])
  })

  it('reveals nothing that an error quotes: no record, key or address', async () => {
    const driver = memoryDriver()
    const secret = 's3://KEY:SECRET@bucket {"name":"Ada"}'
    await fails(driver, { source: broken(new Error(secret)) })
    await fails(driver, { id: 'two', source: broken(new BackupError('unavailable', secret)) })
    const notes = [...driver.objects.values()].map((bytes) => Buffer.from(bytes).toString('utf8'))
    expect(notes).toHaveLength(2)
    for (const note of notes) expect(note).not.toMatch(/SECRET|Ada|bucket/)
  })

  it('is not a backup for any operation', async () => {
    const driver = memoryDriver()
    await fails(driver)
    expect(await openCatalog(driver).list()).toEqual({ backups: [], damaged: [] })
    expect(await unfinished({ driver })).toEqual([])
    const plan = () => ({ keep: [], remove: [] })
    expect(await prune({ driver, plan })).toMatchObject({ removed: [], kept: [], damaged: [] })
    await expect(verify({ driver, id: 'one' })).rejects.toMatchObject({ code: 'not_found' })
    expect([...driver.objects.keys()]).toEqual(['one/failed.json'])
  })

  it('can be made again under its id, and then no longer counts as failed', async () => {
    const driver = memoryDriver()
    await fails(driver)
    await fails(driver, { now: after(hour) })
    expect(await failed({ driver })).toMatchObject([{ failedAt: after(hour)().toISOString() }])
    const again: Source = {
      ...good,
      async describe(call) {
        expect(await failed({ driver })).toEqual([])
        expect(await unfinished({ driver })).toMatchObject([{ id: 'one' }])
        return good.describe(call)
      },
    }
    await backup({ source: again, driver, id: 'one' })
    expect(await failed({ driver })).toEqual([])
    expect(driver.objects.has('one/failed.json')).toBe(false)
    expect(await verify({ driver, id: 'one' })).toMatchObject({ ok: true })
  })

  it('at one of several destinations has not failed while it is made at the next one', async () => {
    const first = memoryDriver()
    await fails(first)
    const second = memoryDriver()
    const both = () => memoryDriver({ objects: [...first.objects, ...second.objects] })
    const asking: Source = {
      ...good,
      async describe(call) {
        expect([...both().objects.keys()]).toEqual(['one/failed.json', 'one/started.json'])
        expect(await failed({ driver: both() })).toEqual([])
        return good.describe(call)
      },
    }
    expect(await failed({ driver: both() })).toHaveLength(1)
    await backup({ source: asking, driver: second, id: 'one' })
    expect(await failed({ driver: both() })).toEqual([])
  })

  it('and cannot remove what it wrote still counts as failed', async () => {
    const driver = memoryDriver({
      onStep: ({ operation }) => {
        if (operation === 'delete') throw new BackupError('permission_denied', 'no deletes here')
      },
    })
    await fails(driver)
    expect(driver.objects.has('one/started.json')).toBe(true)
    expect(await failed({ driver })).toMatchObject([{ id: 'one', files: 2 }])
  })

  it('leaves its note and removes nothing if the owner of the start note is unknown', async () => {
    const driver = memoryDriver({
      onStep: ({ operation, key }) => {
        if (operation === 'get' || (operation === 'put' && key.endsWith('/started.json')))
          throw new BackupError('unavailable', 'one of the destinations is down')
      },
    })
    const leftovers: unknown[] = []
    await expect(
      backup({ source: good, driver, id: 'one', onEvent: (event) => leftovers.push(event) }),
    ).rejects.toMatchObject({ code: 'unavailable' })
    expect([...driver.objects.keys()]).toEqual(['one/failed.json'])
    expect(leftovers).toMatchObject([{ type: 'leftover', keys: ['one/started.json'] }])
  })

  it('on a full disk leaves its note as soon as there is room', async () => {
    const disk = new BackupError('no_space', 'full', { operation: 'upload' })
    const driver = memoryDriver({
      onStep: ({ operation, key }) => {
        const partIsThere = [...driver.objects.keys()].some((stored) => stored.endsWith('.gz'))
        if (operation === 'put' && !key.endsWith('.gz') && partIsThere) throw disk
      },
    })
    await expect(backup({ source: good, driver, id: 'one' })).rejects.toBeInstanceOf(BackupError)
    expect([...driver.objects.keys()]).toEqual(['one/failed.json'])
    expect(await failed({ driver })).toMatchObject([{ error: { code: 'no_space' } }])
  })

  it('in a dry run leaves nothing', async () => {
    const driver = memoryDriver()
    const source = broken(new Error('ECONNRESET'))
    await expect(backup({ source, driver, dryRun: true })).rejects.toThrow()
    expect(driver.objects.size).toBe(0)
  })

  it.each(['{', '{}', JSON.stringify({ format: 's3db-backup/1', id: 'other' }), 'x'.repeat(5000)])(
    'with a note that says %j is ignored',
    async (text) => {
      const driver = memoryDriver({ objects: [['one/failed.json', Buffer.from(text)]] })
      expect(await failed({ driver })).toEqual([])
      expect(await sweep({ driver, now: after(1000 * hour) })).toMatchObject({ failed: [] })
    },
  )
})

describe('a sweep', () => {
  it('removes the notes that are older than the grace time, and no others', async () => {
    const driver = memoryDriver()
    await fails(driver, { id: 'old' })
    await fails(driver, { id: 'young', now: after(10 * hour) })
    const now = after(25 * hour)
    expect(await sweep({ driver, now, dryRun: true })).toMatchObject({ failed: [{ id: 'old' }] })
    expect(driver.objects.size).toBe(2)
    expect(await sweep({ driver, now })).toMatchObject({ swept: [], failed: [{ id: 'old' }] })
    expect([...driver.objects.keys()]).toEqual(['young/failed.json'])
  })

  it('removes leftovers together with the note', async () => {
    let refusing = true
    const driver = memoryDriver({
      onStep: ({ operation }) => {
        if (operation === 'delete' && refusing) throw new BackupError('unavailable', 'gone')
      },
    })
    const source: Source = { ...good, read: (...all) => thenBreaks(good.read(...all)) }
    await fails(driver, { source })
    refusing = false
    expect(await failed({ driver })).toMatchObject([{ id: 'one', files: 2 }])
    await backup({ source: good, driver, id: 'beside', now: after(0) })
    await sweep({ driver, now: after(25 * hour) })
    expect(leftIn(driver).every((key) => key.startsWith('beside/'))).toBe(true)
    expect(await failed({ driver })).toEqual([])
  })
})

async function* thenBreaks<T>(items: AsyncIterable<T>): AsyncGenerator<T> {
  yield* items
  throw new Error('ECONNRESET')
}
