import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Database } from 's3db.js'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { onS3, type Requests, type S3Server, s3Server } from '../../../tooling/s3/test-server.ts'
import { BackupPlugin } from '../src/index.js'
import { connected, install, scratch } from './scene.js'

/** Keys on a page of the database's listings; 1,000 on S3. */
const pageSize = 10
/** The clock of the storage, in ms from ours. */
const clock = { ahead: 0 }
const source = await s3Server({}, { pageSize, now: () => Date.now() + clock.ahead })
const kept = await s3Server({})

afterEach(() => {
  vi.unstubAllEnvs()
})

type Place = 'database' | 'destination'
type Counts = Readonly<Record<Place, Requests>>

async function asked(work: () => Promise<unknown>): Promise<Counts> {
  for (const { proxy } of [source, kept]) proxy.clear()
  await work()
  return { database: source.requests(), destination: kept.requests() }
}

/** Written in the past, some seconds after one another, so that nothing of it is of the last moments before a backup. */
async function shop(records: number): Promise<Database> {
  const database = await connected({ connectionString: source.address(`shop-${records}`), ...onS3 })
  clock.ahead = -870_000
  const attributes = { name: 'string|required' }
  const orders = await database.createResource({ name: 'orders', attributes, timestamps: true })
  for (let at = 0; at < records; at++) {
    await orders.insert({ id: `o${at}`, name: `order ${at}` })
    clock.ahead += 9_000
  }
  clock.ahead = 0
  return database
}

const pluginTo = ({ bucket, endpoint, proxy }: S3Server, path: string, more = {}) => {
  const { region, credentials } = endpoint
  const config = { bucket: bucket.name, path, endpoint: proxy.url, region, credentials }
  return new BackupPlugin({ driver: 's3', config, tempDir: scratch(), ...more })
}

/** What each operation asks for, in the order in which they are done. */
async function requestsFor(records: number) {
  const database = await shop(records)
  const plugin = pluginTo(kept, `of-${records}`)
  await install(database, plugin)
  const empty = await connected({ connectionString: source.address(`restored-${records}`), ...onS3 })
  let id = ''
  const restore = () => plugin.restore(id, { target: empty })
  return {
    'full backup': await asked(async () => {
      id = (await plugin.backup('full')).id
    }),
    'restore into an empty database': await asked(restore),
    'the same restore once more': await asked(restore),
    verify: await asked(() => plugin.verify(id)),
    drill: await asked(() => plugin.drills.run(id)),
    'incremental backup, no changes': await asked(() => plugin.backup('incremental')),
  }
}

/** A row of a table of the page, whatever blanks line up its columns. */
const rowOf = (...cells: readonly string[]) =>
  new RegExp(`^\\| ${cells.map((cell) => `${cell.replaceAll(/[$.]/g, '\\$&')} +`).join('\\| ')}\\|$`, 'm')

const none: Requests = { list: 0, get: 0, head: 0, put: 0, delete: 0 }

async function requestsForBackups(backups: number) {
  const database = await connected()
  const users = await database.createResource({ name: 'users', attributes: { name: 'string' } })
  await users.insert({ name: 'Ada' })
  const path = `backups-${backups}`
  const keeping = (keepLast: number) => pluginTo(kept, path, { retention: { keepLast }, manifestCache: true })
  vi.stubEnv('XDG_CACHE_HOME', scratch())
  const plugin = keeping(1000)
  await install(database, plugin)
  for (let made = 0; made < backups; made++) await plugin.backup('full')
  return {
    '`list`': await asked(() => plugin.overview()),
    '`list` once more': await asked(() => plugin.overview()),
    '`verify --last 2`': await asked(() => plugin.validateBackups({ limit: 2 })),
    'prune that removes nothing': await asked(() => plugin.cleanupBackups()),
    'prune that removes one': await asked(() => keeping(backups - 1).cleanupBackups()),
  }
}

/** The page that has these figures for users. */
const page = readFileSync(join(import.meta.dirname, '../../../docs/guides/what-requests-cost.md'), 'utf8')

/** Dollars per 1,000 requests: S3 Standard in us-east-1. Deletions cost nothing. */
const prices = { put: 0.005, list: 0.005, get: 0.0004, head: 0.0004, delete: 0 }

const kinds = ['get', 'head', 'put', 'list', 'delete'] as const

const textOf = (counts: Requests) =>
  kinds
    .filter((kind) => counts[kind] !== 0)
    .map((kind) => `${counts[kind].toLocaleString('en')} ${kind.toUpperCase()}`)
    .join(', ') || 'none'

const dollars = (counts: Requests) => {
  const sum = kinds.reduce((total, kind) => total + (counts[kind] * prices[kind]) / 1000, 0)
  return sum === 0 ? '-' : `$${sum < 0.01 ? sum.toPrecision(1) : sum.toFixed(2)}`
}

type Kind = (typeof kinds)[number]

/** What one of so many more costs. Some are asked for once for each page, which has 1,000 keys on S3. */
function perRecord(
  few: Requests,
  many: Requests,
  { more, byPage }: { more: number; byPage: readonly Kind[] },
) {
  const each = (kind: Kind) =>
    ((many[kind] - few[kind]) / more) * (byPage.includes(kind) ? pageSize / 1000 : 1)
  return {
    get: each('get'),
    head: each('head'),
    put: each('put'),
    list: each('list'),
    delete: each('delete'),
  }
}

/** The newest record of each page may have been written once more within its second. */
const byPageOf = (operation: string): readonly Kind[] =>
  operation.startsWith('incremental') ? ['list', 'get'] : ['list']

const times = (counts: Requests, count: number): Requests => ({
  get: counts.get * count,
  head: counts.head * count,
  put: counts.put * count,
  list: counts.list * count,
  delete: counts.delete * count,
})

describe('what requests cost', () => {
  it('is for 100,000 records what the guide says', async () => {
    const [few, many] = [await requestsFor(40), await requestsFor(90)]
    for (const [operation, counts] of Object.entries(few) as [keyof typeof few, Counts][]) {
      const { database, destination } = many[operation]
      const ofRecords = times(
        perRecord(counts.database, database, { more: 50, byPage: byPageOf(operation) }),
        100_000,
      )
      // However many records there are, the destination has as many files.
      expect(destination, operation).toEqual(counts.destination)
      expect(page).toMatch(rowOf(operation, textOf(ofRecords), dollars(ofRecords), textOf(destination)))
      const beside = kinds.reduce(
        (sum, kind) => sum + counts.database[kind] - (ofRecords[kind] * 40) / 100_000,
        0,
      )
      expect(beside, operation).toBeLessThanOrEqual(20)
    }
  })

  it('is for 1,000 backups what the guide says', async () => {
    const [few, many] = [await requestsForBackups(4), await requestsForBackups(14)]
    for (const [operation, { destination }] of Object.entries(few) as [keyof typeof few, Counts][]) {
      const more = many[operation].destination
      // All of these listings have one page.
      expect(more, operation).toEqual({ ...destination, get: more.get })
      const each = (more.get - destination.get) / 10
      const beside = { ...destination, get: destination.get - each * 4 }
      expect(page).toMatch(rowOf(operation, textOf(times({ ...none, get: each }, 1000)), textOf(beside)))
    }
  })
})
