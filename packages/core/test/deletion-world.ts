import { expect } from 'vitest'
import { BackupError, backup, type Driver, openCatalog, type Row, restore } from '../src/index.js'
import { deleted } from '../src/internal.js'
import { contentsOf, memoryTarget } from './database.js'
import { incrementalSource, type Records } from './incremental-source.js'
import { type MemoryDriver, memoryDriver, type Step } from './memory-driver.js'

export const hour = 60 * 60 * 1000
export const day = 24 * hour
const start = Date.UTC(2024, 2, 15, 12)

/** Puts that refuse a key that is there, as files and S3 do. */
export function writeOnce(driver: MemoryDriver): MemoryDriver {
  return {
    ...driver,
    async put(key, body, call) {
      if (driver.objects.has(key)) throw new BackupError('conflict', `${key} exists`)
      return driver.put(key, body, call)
    },
  }
}

/** A database that changes a little with every backup, and a clock. */
export interface World {
  readonly driver: MemoryDriver
  now(): Date
  pass(ms: number): void
  full(): Promise<string>
  incremental(): Promise<string>
  /** What a backup must restore to. */
  readonly contents: Map<string, readonly Row[]>
}

export function aWorld(onStep?: (step: Step, index: number) => void | Promise<void>): World {
  const driver = writeOnce(memoryDriver(onStep === undefined ? {} : { onStep }))
  const rows = new Map<string, Row>([['a', { id: 'a', name: 'Ada' }]])
  const records: Records = new Map([['users', rows]])
  const contents = new Map<string, readonly Row[]>()
  let time = start
  let made = 0
  const now = () => new Date(time)
  const make = async (type: string, more: object) => {
    time += 1000
    made += 1
    rows.set(`r${made}`, { id: `r${made}`, name: `made ${made}` })
    if (made % 3 === 0) rows.delete(`r${made - 1}`)
    const { id } = await backup({ source: incrementalSource(records), driver, type, now, ...more })
    contents.set(id, [...rows.values()])
    return id
  }
  return {
    driver,
    now,
    pass: (ms) => {
      time += ms
    },
    full: () => make('full', {}),
    incremental: () => make('incremental', { incremental: { fullIfNeeded: true } }),
    contents,
  }
}

/** Every listed backup restores to what it was made of. Gives the ids, newest first. */
export async function checkListed({ contents }: Pick<World, 'contents'>, driver: Driver): Promise<string[]> {
  const { backups, damaged } = await openCatalog(driver).list()
  expect(damaged).toEqual([])
  for (const { id } of backups) {
    const target = memoryTarget()
    await restore({ driver, id, target })
    const byId = (some: readonly Row[] = []) => [...some].sort((a, b) => (a.id < b.id ? -1 : 1))
    expect(byId(contentsOf(target).users)).toEqual(byId(contents.get(id)))
  }
  return backups.map(({ id }) => id)
}

export async function idsOfDeleted(driver: Driver): Promise<string[]> {
  return (await deleted({ driver })).map(({ id }) => id).sort()
}

/** What is stored, without leases. */
export function contentOf({ objects }: MemoryDriver): Map<string, string> {
  const kept = [...objects].filter(([key]) => !key.startsWith('.leases/'))
  return new Map(kept.map(([key, bytes]) => [key, Buffer.from(bytes).toString('latin1')]))
}
