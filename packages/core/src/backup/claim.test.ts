import { describe, expect, it } from 'vitest'
import { contentsOf, memoryTarget, people, sourceOf } from '../../test/database.js'
import { type MemoryDriver, memoryDriver } from '../../test/memory-driver.js'
import { BackupError, backup, type Driver, restore, type Source, verify } from '../index.js'

const contents = { users: people(5) }

/** What most storages do: an object that exists is not written over. */
function writtenOnce(driver: MemoryDriver): Driver {
  const taken = new Set<string>()
  return {
    ...driver,
    async put(key, body, call) {
      if (taken.has(key) || driver.objects.has(key))
        throw new BackupError('conflict', `${key} exists already`)
      taken.add(key)
      return driver.put(key, body, call)
    },
    async delete(key, call) {
      taken.delete(key)
      return driver.delete(key, call)
    },
  }
}

/** A driver whose first listing waits until as many calls have got there: they all see the same. */
function together(driver: Driver, calls: number): Driver {
  let waiting = calls
  let open = (): void => undefined
  const all = new Promise<void>((resolve) => {
    open = resolve
  })
  return {
    ...driver,
    async *list(prefix, call) {
      const seen: { key: string; bytes: number }[] = []
      for await (const info of driver.list(prefix, call)) seen.push(info)
      waiting -= 1
      if (waiting <= 0) open()
      await all
      yield* seen
    },
  }
}

/** The objects below a directory, and their bytes. */
const stored = ({ objects }: MemoryDriver) =>
  Object.fromEntries([...objects].map(([key, bytes]) => [key, Buffer.from(bytes).toString('base64')]))

async function restored(driver: Driver): Promise<unknown> {
  const target = memoryTarget()
  await restore({ driver, id: 'one', target })
  return contentsOf(target)
}

describe('two backups of one id', () => {
  it('that begin at the same moment: one wins; the other is a conflict and removes nothing of the winner', async () => {
    const memory = memoryDriver()
    const driver = together(writtenOnce(memory), 2)
    const make = () => backup({ source: sourceOf(contents), driver, id: 'one' })
    const results = await Promise.allSettled([make(), make()])
    const reasons = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []))
    expect(reasons).toMatchObject([{ code: 'conflict' }])
    expect(Object.keys(stored(memory)).sort()).toEqual([
      'one/s3db.json',
      'one/started.json',
      'one/users.index.jsonl.gz',
      'one/users.jsonl.gz',
    ])
    expect(await verify({ driver: memory, id: 'one' })).toMatchObject({ ok: true })
    expect(await restored(memory)).toEqual(contents)
  })

  it('the second of which begins later: nothing of the first is touched', async () => {
    const memory = memoryDriver()
    await backup({ source: sourceOf(contents), driver: memory, id: 'one' })
    const before = stored(memory)
    await expect(
      backup({ source: sourceOf(contents), driver: writtenOnce(memory), id: 'one' }),
    ).rejects.toMatchObject({ code: 'conflict' })
    expect(stored(memory)).toEqual(before)
  })

  it('are not the cause if the storage cannot store the note: its own error is reported', async () => {
    const memory = memoryDriver()
    const put = () =>
      Promise.reject(new BackupError('conflict', 'a file is in the way', { operation: 'upload' }))
    await expect(
      backup({ source: sourceOf(contents), driver: { ...memory, put }, id: 'one' }),
    ).rejects.toMatchObject({ code: 'conflict', message: 'a file is in the way', operation: 'upload' })
  })

  it('one of which loses the answer to its first write: the stored note is not its own, and stays', async () => {
    const memory = memoryDriver()
    const driver = writtenOnce(memory)
    const lost = new BackupError('unavailable', 'no answer')
    const deaf: Driver = {
      ...driver,
      async put() {
        await backup({ source: sourceOf(contents), driver, id: 'one' })
        throw lost
      },
    }
    await expect(backup({ source: sourceOf(contents), driver: deaf, id: 'one' })).rejects.toMatchObject({
      code: 'unavailable',
    })
    expect(await restored(memory)).toEqual(contents)
    expect(memory.objects.has('one/started.json')).toBe(true)
    expect(memory.objects.has('one/failed.json')).toBe(false)
  })

  it('on a storage that overwrites objects: the one that fails removes nothing of the one that owns the directory', async () => {
    const driver = memoryDriver()
    const late: Source = {
      ...sourceOf(contents),
      async describe() {
        // Another process that also saw an empty directory overwrites the note, and completes.
        driver.objects.delete('one/started.json')
        await backup({ source: sourceOf(contents), driver, id: 'one' })
        throw new Error('ECONNRESET')
      },
    }
    await expect(backup({ source: late, driver, id: 'one' })).rejects.toThrow('ECONNRESET')
    expect(await restored(driver)).toEqual(contents)
    expect(driver.objects.has('one/failed.json')).toBe(false)
  })
})
