import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { people, sourceOf } from '../../test/database.js'
import { memoryDriver } from '../../test/memory-driver.js'
import { backup, planBackup, remove, type Source } from '../index.js'
import { inventory, sweep } from '../internal.js'

// A backup of a large database may take longer than the time after which a backup counts as abandoned.

const hour = 60 * 60 * 1000
const start = new Date('2024-03-15T12:00:00.000Z')
const slowId = 'full-2024-03-15T12-00-00-abc123'
const contents = { users: people(3) }
let now = start
const clock = () => now

beforeEach(() => {
  now = start
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
})
afterEach(() => {
  vi.useRealTimers()
})

const stateOf = async (driver: ReturnType<typeof memoryDriver>, id: string) => {
  const here = await inventory(driver, { now: clock })
  return (await here.entries()).find((entry) => entry.id === id)?.state
}

it('a backup that is still being made after days is under way, and is neither swept nor deleted', async () => {
  const driver = memoryDriver()
  await backup({ source: sourceOf(contents), driver, now: clock, id: 'another' })
  const seen: unknown[] = []
  const slow: Source = {
    ...sourceOf(contents),
    async describe(call) {
      now = new Date(start.getTime() + 50 * hour)
      await vi.advanceTimersByTimeAsync(3 * 60 * 1000)
      seen.push(await stateOf(driver, slowId), (await sweep({ driver, now: clock, graceMs: hour })).swept)
      await expect(remove({ driver, now: clock, id: slowId })).rejects.toMatchObject({ code: 'conflict' })
      return sourceOf(contents).describe(call)
    },
  }
  await backup({ source: slow, driver, now: clock, id: slowId })
  expect(seen).toEqual(['running', []])
  expect([...driver.objects.keys()].filter((key) => key.startsWith('.leases/'))).toEqual([])
})

it('a backup whose process died counts as abandoned once its last sign of life is a quarter of an hour old', async () => {
  const driver = memoryDriver()
  await backup({ source: sourceOf(contents), driver, now: clock, id: 'another' })
  const stopped = new AbortController()
  const hangs: Source = { ...sourceOf(contents), describe: () => new Promise(() => undefined) }
  const dying = backup({ source: hangs, driver, now: clock, id: 'dying', signal: stopped.signal })
  for (let i = 0; i < 20; i++) await Promise.resolve()
  await new Promise(setImmediate)
  now = new Date(start.getTime() + 2 * hour)
  await vi.advanceTimersByTimeAsync(3 * 60 * 1000)
  expect(await stateOf(driver, 'dying')).toBe('running')
  // The state of the storage after the process died: nobody removes the lease.
  const left = memoryDriver({ objects: driver.objects })
  now = new Date(start.getTime() + 2 * hour + 16 * 60 * 1000)
  const { swept } = await sweep({ driver: left, now: clock, graceMs: hour })
  expect(swept.map(({ id }) => id)).toEqual(['dying'])
  stopped.abort()
  await dying.catch(() => undefined)
})

it('a backup that ends within minutes stores no sign of life', async () => {
  const driver = memoryDriver()
  await backup({ source: sourceOf(contents), driver, now: clock })
  expect(driver.steps.some(({ key }) => key.startsWith('.leases/'))).toBe(false)
})

it('a plan whose shards wait in a queue is under way for a day', async () => {
  const driver = memoryDriver()
  await backup({ source: sourceOf(contents), driver, now: clock, id: 'another' })
  const { id } = await planBackup({ source: sourceOf(contents), driver, now: clock, shards: 2 })
  now = new Date(start.getTime() + 23 * hour)
  expect((await sweep({ driver, now: clock, graceMs: hour })).swept).toEqual([])
  now = new Date(start.getTime() + 25 * hour)
  expect((await sweep({ driver, now: clock, graceMs: hour })).swept.map((one) => one.id)).toEqual([id])
})
