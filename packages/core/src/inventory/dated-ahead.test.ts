import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { aManifest, stored } from '../../test/manifests.js'
import { memoryDriver } from '../../test/memory-driver.js'
import { BackupError } from '../errors.js'
import { createBackupId } from '../format/backup-id.js'
import type { Driver } from '../ports/driver.js'
import { openCatalog } from './catalog.js'
import { clockTolerance, isDatedAhead } from './dated-ahead.js'
import { inventory } from './inventory.js'

const now = Date.UTC(2024, 2, 15)
const iso = (ms: number) => new Date(ms).toISOString()

/** A storage whose clock shows that time, with backups dated so much later than that. */
function storage(
  offsets: readonly number[],
  clock: Driver['clock'] | null = async () => new Date(now),
): Driver {
  const objects = offsets.map((offset, at) => {
    const id = at % 3 === 0 ? `own${at}` : createBackupId('full', new Date(now + offset))
    return stored(id, aManifest({ id, exportedAt: iso(now + offset), completedAt: iso(now + offset) }))
  })
  return { ...memoryDriver({ objects }), clock: clock ?? undefined }
}

const hour = 60 * 60 * 1000
const offset = fc.oneof(
  fc.integer({ min: -400 * hour, max: 400 * hour }),
  fc.integer({ min: -2 * clockTolerance, max: 2 * clockTolerance }),
)

it('the newest backups are those not dated after the storage’s clock; those dated ahead come last', async () => {
  const law = fc.asyncProperty(
    fc.array(offset, { maxLength: 20 }),
    fc.nat({ max: 22 }),
    async (some, limit) => {
      const catalog = openCatalog(storage(some))
      const { backups } = await catalog.list()
      const times = backups.map(({ manifest }) => Date.parse(manifest.exportedAt) - now)
      const downwards = (a: number, b: number) => b - a
      expect(times).toEqual([
        ...some.filter((one) => one <= clockTolerance).sort(downwards),
        ...some.filter((one) => one > clockTolerance).sort(downwards),
      ])
      expect(backups.map(({ datedAhead }) => datedAhead === true)).toEqual(
        times.map((one) => one > clockTolerance),
      )
      const first = await catalog.list({ limit })
      expect(first.backups.map(({ id }) => id)).toEqual(backups.slice(0, limit).map(({ id }) => id))
    },
  )
  await fc.assert(law, { numRuns: 150 })
})

it('a backup counts as dated ahead only if the storage’s clock is minutes behind it', () => {
  expect(isDatedAhead(iso(now + clockTolerance), now)).toBe(false)
  expect(isDatedAhead(iso(now + clockTolerance + 1), now)).toBe(true)
})

describe('the clock that counts', () => {
  const aheadAt = async (driver: Driver) => {
    const { backups } = await openCatalog(driver).list()
    return backups.map(({ datedAhead }) => datedAhead === true)
  }

  it('is the storage’s, whatever this machine’s clock says', async () => {
    const later = async () => new Date(now + 2 * hour)
    expect(await aheadAt(storage([hour]))).toEqual([true])
    expect(await aheadAt(storage([hour], later))).toEqual([false])
  })

  it('is this machine’s if the storage has none, or does not report it', async () => {
    const silent = () => Promise.reject(new BackupError('unavailable', 'no answer'))
    const year = 365 * 24 * hour
    const soon = Date.now() - now + year
    for (const driver of [storage([soon], null), storage([soon], silent)])
      expect(await aheadAt(driver)).toEqual([true])
    expect(await aheadAt(storage([hour], silent))).toEqual([false])
  })

  it('is read once, and not at all if no backup has a date', async () => {
    let asked = 0
    const counting = async () => new Date(now + 1000 * asked++)
    await openCatalog(storage([], counting)).list()
    expect(asked).toBe(0)
    const here = await inventory(storage([-hour, hour, 0], counting))
    await Promise.all([1, 2, 3].map(() => here.storageTime({ signal: new AbortController().signal })))
    expect(asked).toBe(1)
  })
})
