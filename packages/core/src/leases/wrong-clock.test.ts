import { describe, expect, it } from 'vitest'
import { aWorld, day } from '../../test/deletion-world.js'
import { prune } from '../deletion/prune.js'
import { purge } from '../deletion/purge.js'
import { remove } from '../deletion/remove.js'
import { sweep } from '../deletion/sweep.js'
import { undelete } from '../deletion/undelete.js'
import { BackupError } from '../errors.js'
import { waitForRemovals } from '../inventory/lease.js'
import type { Driver } from '../ports/driver.js'
import { withLease } from './with-lease.js'

const signal = new AbortController().signal
const right = () => new Date()
const shifted = (ms: number) => () => new Date(Date.now() + ms)
const planOfAll = (there: readonly { readonly id: string }[]) => ({
  keep: [],
  remove: there.map(({ id }) => ({ id, reasons: [] })),
})

/** A destination that knows the time, with one backup. */
async function aBackup(clock: () => Promise<Date> = async () => new Date()) {
  const { driver: objects, full } = aWorld()
  const id = await full()
  let asked = 0
  const driver: Driver = {
    ...objects,
    clock: () => {
      asked += 1
      return clock()
    },
  }
  const leases = () => [...objects.objects.keys()].filter((key) => key.startsWith('.leases/'))
  return { driver, id, leases, asked: () => asked }
}

const use = (id: string) => ({ kind: 'use', operation: 'restore', backups: [id] }) as const

describe('at a storage that knows the time, a machine whose clock is wrong by days', () => {
  it.each([3 * day, -3 * day])('does not remove what another one uses (%d ms)', async (wrong) => {
    const { driver, id } = await aBackup()
    await withLease(driver, use(id), { signal, now: right }, async () => {
      const report = await prune({ driver, plan: planOfAll, now: shifted(wrong) })
      expect(report.removed).toEqual([])
      const removing = remove({ driver, id, now: shifted(wrong) })
      await expect(removing).rejects.toMatchObject({ code: 'conflict', retriable: true })
    })
  })

  it.each([3 * day, -3 * day])('keeps what it uses from being removed by others (%d ms)', async (wrong) => {
    const { driver, id } = await aBackup()
    await withLease(driver, use(id), { signal, now: shifted(wrong) }, async () => {
      expect((await prune({ driver, plan: planOfAll })).removed).toEqual([])
    })
    expect((await prune({ driver, plan: planOfAll })).removed).toHaveLength(1)
  })

  it('does not sweep the leases of others', async () => {
    const { driver, id, leases } = await aBackup()
    await withLease(driver, use(id), { signal, now: right }, async () => {
      await sweep({ driver, now: shifted(3 * day) })
      expect(leases()).toHaveLength(1)
    })
  })

  it('does not purge what can still be brought back, nor what that needs', async () => {
    const { driver, full, incremental, now } = aWorld()
    const [parent, child] = [await full(), await incremental()]
    await remove({ driver, id: child, deletionGrace: day, now })
    await remove({ driver, id: parent, deletionGrace: 1000, now })
    const knowing: Driver = { ...driver, clock: async () => new Date(now().getTime() + 5000) }
    const ahead = () => new Date(now().getTime() + 3 * day)
    expect((await purge({ driver: knowing, now: ahead })).purged).toEqual([])
    const removing = remove({ driver: knowing, id: parent, now: ahead })
    await expect(removing).rejects.toMatchObject({ code: 'conflict' })
    const undeleted = await undelete({ driver, id: child, now })
    expect(undeleted.undeleted).toEqual([parent, child])
  })

  it('is waited for when it removes', async () => {
    const { driver, id } = await aBackup()
    const removal = { kind: 'removal', operation: 'prune', backups: [id] } as const
    let over = false
    let waiting: Promise<void> | undefined
    await withLease(driver, removal, { signal, now: shifted(-3 * day) }, async () => {
      waiting = waitForRemovals(driver, [id], { signal, now: right }).then(() => expect(over).toBe(true))
      for (let turns = 0; turns < 50; turns++) await new Promise(setImmediate)
      over = true
    })
    await waiting
  })
})

it('the storage is asked for its time once, and not at all where there are no leases', async () => {
  const { driver, id, asked } = await aBackup()
  await waitForRemovals(driver, [id], { signal, now: right })
  expect(asked()).toBe(0)
  await withLease(driver, use(id), { signal, now: right }, () =>
    waitForRemovals(driver, [id], { signal, now: right }),
  )
  expect(asked()).toBe(1)
})

it('where the storage does not tell its time, the time of the machine counts', async () => {
  const { driver, id } = await aBackup(() => Promise.reject(new BackupError('unsupported', 'No time')))
  await withLease(driver, use(id), { signal, now: right }, async () => {
    expect((await prune({ driver, plan: planOfAll })).removed).toEqual([])
    expect((await prune({ driver, plan: planOfAll, now: shifted(day) })).removed).toHaveLength(1)
  })
})
