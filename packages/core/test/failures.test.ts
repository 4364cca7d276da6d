import { describe, expect, it, vi } from 'vitest'
import { BackupError, type BackupEvent, backup, openCatalog, restore, verify } from '../src/index.js'
import type { Source } from '../src/ports/source.js'
import { contentsOf, memoryTarget, people, sourceOf } from './database.js'
import { leftIn, type MemoryDriver, memoryDriver, type Step } from './memory-driver.js'
import { settle, thenSilence } from './streams.js'

const contents = { users: people(25), orders: people(5), empty: [] }
const disk = new BackupError('no_space', 'The disk is full')
const reason = new Error('stop')

/** How many steps a backup takes when nothing fails. */
async function stepsOfBackup(): Promise<number> {
  const driver = memoryDriver()
  await backup({ source: sourceOf(contents), driver, concurrency: 1 })
  return driver.steps.length
}
const steps = await stepsOfBackup()

/** Whatever became of the backup: what is listed verifies and restores. Gives the number of backups. */
async function checkListed(driver: MemoryDriver): Promise<number> {
  const healthy = memoryDriver({ objects: driver.objects })
  const { backups, damaged } = await openCatalog(healthy).list()
  expect(damaged).toEqual([])
  for (const { id } of backups) {
    expect(await verify({ driver: healthy, id })).toMatchObject({ ok: true })
    const target = memoryTarget()
    await restore({ driver: healthy, id, target })
    expect(contentsOf(target)).toEqual(contents)
  }
  return backups.length
}

describe('a storage that fails', () => {
  it.each(Array.from({ length: steps }, (_, at) => at))('at step %d leaves nothing behind', async (at) => {
    const driver = memoryDriver({
      onStep: (_, index) => {
        if (index === at) throw disk
      },
    })
    const making = backup({ source: sourceOf(contents), driver, concurrency: 1 })
    await expect(making).rejects.toMatchObject({ code: 'no_space', message: 'The disk is full' })
    expect(leftIn(driver)).toEqual([])
    expect(await checkListed(driver)).toBe(0)
  })

  it.each(Array.from({ length: steps }, (_, at) => at))(
    'from step %d on lists only what is whole, and tells of what is left',
    async (at) => {
      const leftovers: BackupEvent[] = []
      const driver = memoryDriver({
        onStep: (_, index) => {
          if (index >= at) throw disk
        },
      })
      const onEvent = (event: BackupEvent) => {
        if (event.type === 'leftover') leftovers.push(event)
      }
      const making = backup({ source: sourceOf(contents), driver, concurrency: 1, onEvent })
      await expect(making).rejects.toMatchObject({ code: 'no_space', message: 'The disk is full' })
      await checkListed(driver)
      const told = leftovers.flatMap((event) => (event.type === 'leftover' ? event.keys : []))
      expect(told).toEqual(expect.arrayContaining(leftIn(driver)))
    },
  )

  it('at one resource stops the others at once', async () => {
    const driver = memoryDriver({
      onStep: ({ operation, key }) => {
        if (operation === 'put' && key.includes('orders')) throw disk
      },
    })
    const endless: Source = {
      ...sourceOf(contents),
      read: (resource) =>
        resource === 'users'
          ? thenSilence({ rows: people(1) })
          : sourceOf(contents).read(resource, { signal }),
    }
    const { signal } = new AbortController()
    await expect(backup({ source: endless, driver })).rejects.toMatchObject({ code: 'no_space' })
    expect(leftIn(driver)).toEqual([])
  })

  it('to return what was stored makes the backup fail, and nothing is left', async () => {
    const driver = memoryDriver()
    const get: MemoryDriver['get'] = async function* (key, call) {
      for await (const chunk of driver.get(key, call)) yield Buffer.from(chunk).fill(0)
    }
    await expect(backup({ source: sourceOf(contents), driver: { ...driver, get } })).rejects.toMatchObject({
      code: 'corrupt',
    })
    expect(leftIn(driver)).toEqual([])
  })

  it('to store the manifest unchanged makes the backup fail, and nothing is left', async () => {
    const driver = memoryDriver()
    const put: MemoryDriver['put'] = async (key, body, call) => {
      const stored = await driver.put(key, body, call)
      if (key.endsWith('/s3db.json')) driver.objects.get(key)?.fill(0, 10, 11)
      return stored
    }
    await expect(backup({ source: sourceOf(contents), driver: { ...driver, put } })).rejects.toMatchObject({
      code: 'corrupt',
      operation: 'upload',
    })
    expect(leftIn(driver)).toEqual([])
  })

  it('to remove objects is abandoned after ten seconds', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const events: BackupEvent[] = []
    const driver = memoryDriver({
      onStep: ({ operation }: Step) => {
        if (operation === 'get') throw disk
        if (operation === 'delete') return new Promise(() => undefined)
        return undefined
      },
    })
    const making = backup({ source: sourceOf(contents), driver, onEvent: (event) => void events.push(event) })
    const rejected = expect(making).rejects.toMatchObject({ code: 'no_space' })
    while (!driver.steps.some(({ operation }) => operation === 'delete')) await settle()
    await vi.advanceTimersByTimeAsync(10_000)
    await rejected
    expect(events.at(-1)).toMatchObject({
      type: 'leftover',
      error: { name: 'BackupError', code: 'unavailable' },
    })
    vi.useRealTimers()
  })
})

describe('a source that fails', () => {
  it.each([0, 1, 2, 3])('after %d batches leaves nothing behind', async (batches) => {
    const failure = new Error('ECONNRESET')
    const source: Source = {
      ...sourceOf(contents),
      async *read() {
        for (let i = 0; i < batches; i++) yield { rows: people(10 * (i + 1)).slice(10 * i) }
        throw failure
      },
    }
    const driver = memoryDriver()
    await expect(backup({ source, driver })).rejects.toBe(failure)
    expect(leftIn(driver)).toEqual([])
  })
})

describe('a listener that throws', () => {
  it.each(['backup-start', 'backup-progress', 'backup-resource'])(
    'at %s fails the backup with its own error',
    async (type) => {
      const failure = new Error('listener')
      const driver = memoryDriver()
      const onEvent = (event: BackupEvent) => {
        if (event.type === type) throw failure
      }
      await expect(backup({ source: sourceOf(contents), driver, onEvent })).rejects.toBe(failure)
      expect(leftIn(driver)).toEqual([])
    },
  )

  it('at backup-complete comes too late: the backup exists', async () => {
    const driver = memoryDriver()
    const onEvent = (event: BackupEvent) => {
      if (event.type === 'backup-complete') throw reason
    }
    await expect(backup({ source: sourceOf(contents), driver, onEvent })).rejects.toBe(reason)
    expect(await checkListed(driver)).toBe(1)
  })

  it('at leftover does not hide what made the backup fail', async () => {
    const driver = memoryDriver({
      onStep: (_, index) => {
        if (index > 1) throw disk
      },
    })
    const onEvent = (event: BackupEvent) => {
      if (event.type === 'leftover') throw reason
    }
    await expect(backup({ source: sourceOf(contents), driver, onEvent })).rejects.toMatchObject({
      code: 'no_space',
    })
  })
})

describe('an abort', () => {
  it.each(Array.from({ length: steps }, (_, at) => at))('at step %d leaves nothing behind', async (at) => {
    const controller = new AbortController()
    let reading = 0
    const plain = sourceOf(contents)
    const source: Source = {
      ...plain,
      async *read(resource, call) {
        reading += 1
        try {
          yield* plain.read(resource, call)
        } finally {
          reading -= 1
        }
      },
    }
    const driver = memoryDriver({
      onStep: (_, index) => {
        if (index === at) controller.abort(reason)
      },
    })
    const making = backup({ source, driver, concurrency: 1, signal: controller.signal })
    await expect(making).rejects.toBe(reason)
    expect(await checkListed(driver)).toBe(0)
    expect(leftIn(driver)).toEqual([])
    await settle()
    expect(reading).toBe(0)
  })

  it.each([
    ['describe', { ...sourceOf(contents), describe: () => new Promise<never>(() => undefined) }],
    ['read', { ...sourceOf(contents), read: () => thenSilence({ rows: people(1) }) }],
  ])('is not hidden by a source that says nothing in %s', async (_, source) => {
    const controller = new AbortController()
    const driver = memoryDriver()
    const making = backup({ source, driver, signal: controller.signal })
    await settle()
    controller.abort(reason)
    await expect(making).rejects.toBe(reason)
    expect(leftIn(driver)).toEqual([])
  })

  it('before the start does nothing', async () => {
    const driver = memoryDriver()
    const making = backup({ source: sourceOf(contents), driver, signal: AbortSignal.abort(reason) })
    await expect(making).rejects.toBe(reason)
    expect(driver.steps).toEqual([])
  })
})

describe('a restore', () => {
  const made = async () => {
    const driver = memoryDriver()
    const { id } = await backup({ source: sourceOf(contents), driver })
    return { driver, id }
  }

  it('names the records that the target refused, and brings back the others', async () => {
    const { driver, id } = await made()
    const target = memoryTarget(['p000003'])
    await expect(restore({ driver, id, target })).rejects.toMatchObject({
      code: 'incomplete',
      operation: 'restore',
      metadata: { failed: { users: [{ id: 'p000003' }], orders: [{ id: 'p000003' }] } },
    })
    expect(target.rows.get('users')!.size).toBe(24)
    expect(target.finished).toBe(true)
  })

  it('fails if the target did not read all records', async () => {
    const { driver, id } = await made()
    const nothing = { restored: 0, replaced: 0, skipped: 0, removed: 0, failed: [] }
    const target = { ...memoryTarget(), write: async () => nothing }
    await expect(restore({ driver, id, target })).rejects.toMatchObject({
      code: 'internal',
      operation: 'restore',
    })
  })

  it('passes on the error of the target', async () => {
    const { driver, id } = await made()
    const target = { ...memoryTarget(), open: () => Promise.reject(reason) }
    await expect(restore({ driver, id, target })).rejects.toBe(reason)
  })

  it('can be aborted while the storage is silent', async () => {
    const { driver, id } = await made()
    const controller = new AbortController()
    const target = memoryTarget()
    const get: MemoryDriver['get'] = (key, call) =>
      key.endsWith('gz') ? thenSilence() : driver.get(key, call)
    const restoring = restore({ driver: { ...driver, get }, id, target, signal: controller.signal })
    await settle()
    controller.abort(reason)
    await expect(restoring).rejects.toBe(reason)
    expect(target.plans).toEqual([])
  })

  it('ends within a second of an abort although the target is stuck', async () => {
    const { driver, id } = await made()
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const controller = new AbortController()
    const opened = Promise.resolve()
    const target = { ...memoryTarget(), write: () => new Promise<never>(() => undefined), open: () => opened }
    const restoring = restore({ driver, id, target, signal: controller.signal, verify: false })
    const rejected = expect(restoring).rejects.toBe(reason)
    for (let i = 0; i < 10; i++) await settle()
    controller.abort(reason)
    await vi.advanceTimersByTimeAsync(1000)
    await rejected
    vi.useRealTimers()
  })

  it.each([
    ['a mode that does not exist', { mode: 'repalce' }],
    ['an unknown option', { modus: 'skip' }],
    ['an id that leads elsewhere', { id: '../x' }],
  ])('is refused for %s', async (_, options) => {
    const { driver, id } = await made()
    const target = memoryTarget()
    const restoring = restore({ driver, id, target, ...(options as object) })
    await expect(restoring).rejects.toMatchObject({ code: 'invalid_options' })
    expect(target.plans).toEqual([])
  })
})
