import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { linesOf, storedIds } from './incremental/memory-store.js'
import { contentsOf, isRecord, restoredRecords } from './incremental/real-database.js'
import { moments, openStage } from './incremental/stage.js'

const begin = Date.UTC(2024, 2, 15, 14, 30, 45)

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: begin })
})
afterEach(() => {
  vi.useRealTimers()
})

/** Runs the write as a server whose clock is off by so many ms. */
async function withClockOff(ms: number, write: () => Promise<unknown>): Promise<void> {
  const now = Date.now()
  vi.setSystemTime(now + ms)
  await write()
  vi.setSystemTime(now)
}

describe.each([
  ['whole seconds', 1000],
  ['milliseconds', 1],
])('on S3 that shows %s', (_, step) => {
  it.each(moments)('a change at the same moment as the backup, %s, is not missed', async (moment) => {
    for (const id of ['a', 'b', 'c', 'd']) {
      const { database, users, store, happenings, takeBackup } = await openStage(step)
      happenings.set(moment, async () => {
        await users.update(id, { name: 'second' })
      })
      const full = await takeBackup()
      expect(happenings.size).toBe(0)
      vi.setSystemTime(Date.now() + 10_000)
      await users.insert({ id: 'z', name: 'later' })
      const next = await takeBackup()
      expect(await restoredRecords(store, next.id)).toEqual(await contentsOf(database, isRecord))
      const inFull = linesOf(store, full.manifest, 'rows').users?.some((line) => line.includes('second'))
      expect(storedIds(store, next.manifest, 'users')).toEqual(inFull ? ['z'] : [id, 'z'])
      vi.setSystemTime(begin)
    }
  })

  it('no change is missed with clocks one second apart, whoever writes and when', async () => {
    const write = fc.record({
      moment: fc.constantFrom(...moments),
      id: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
      kind: fc.constantFrom('put', 'put', 'put', 'delete'),
      wait: fc.constantFrom(0, 0, 0, 250, 500, 1000, 2500),
      clockOff: fc.constantFrom(0, 0, 500, -500),
    })
    const law = fc.asyncProperty(
      fc.array(fc.array(write, { maxLength: 6 }), { minLength: 2, maxLength: 3 }),
      async (rounds) => {
        const { database, users, store, happenings, takeBackup } = await openStage(step)
        let value = 0
        for (const writes of rounds) {
          for (const moment of moments) {
            happenings.set(moment, async () => {
              for (const { id, kind, wait, clockOff } of writes.filter((some) => some.moment === moment)) {
                vi.setSystemTime(Date.now() + wait)
                value += 1
                await withClockOff(clockOff, () =>
                  kind === 'put'
                    ? users.upsert({ id, name: `v${value}` })
                    : users.delete(id).catch(() => undefined),
                )
              }
            })
          }
          await takeBackup()
        }
        happenings.clear()
        const quiet = await takeBackup()
        const now = await contentsOf(database, isRecord)
        expect(await restoredRecords(store, quiet.id)).toEqual(now)
        const again = await takeBackup()
        expect(storedIds(store, again.manifest, 'users')).toEqual([])
        expect(await restoredRecords(store, again.id)).toEqual(now)
      },
    )
    await fc.assert(law, { numRuns: Number(process.env.INCREMENTAL_RUNS ?? 25) })
  })
})

it('a server one second behind writes a record again in the second that another server has shown', async () => {
  const { users, store, takeBackup } = await openStage(1000)
  vi.setSystemTime(begin + 60_400)
  await withClockOff(500, () => users.update('a', { name: 'second' }))
  vi.setSystemTime(begin + 60_600)
  await withClockOff(500, () => users.update('b', { name: 'second' }))
  await takeBackup()
  vi.setSystemTime(begin + 61_300)
  await withClockOff(-500, () => users.update('a', { name: 'third' }))
  vi.setSystemTime(begin + 120_000)
  await users.insert({ id: 'z', name: 'later' })
  const { manifest } = await takeBackup()
  expect(storedIds(store, manifest, 'users')).toEqual(['a', 'z'])
})
