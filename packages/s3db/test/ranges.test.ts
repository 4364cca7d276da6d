import { backup, commitBackup, planBackup, runShard } from '@s3db-backup/core'
import { memory } from '@s3db-backup/driver-testkit'
import type { Database } from 's3db.js'
import { expect, it } from 'vitest'
import { onS3, s3Server } from '../../../tooling/s3/test-server.ts'
import { databaseSource } from '../src/index.js'
import { call, open, openNew, ours, restoreInto, stored } from './databases.js'

const { address, requests, proxy } = await s3Server()

const places = {
  memory: () => openNew('memory'),
  file: () => openNew('file'),
  s3: () => open(address(`ranges-${Math.random().toString(36).slice(2)}`), onS3),
}

async function fill(database: Database, count: number) {
  const users = await database.createResource({
    name: 'users',
    attributes: { name: 'string', team: 'string|optional' },
    partitions: { byTeam: { fields: { team: 'string' } } },
    asyncPartitions: false,
  })
  await Promise.all(
    Array.from({ length: count }, (_, i) =>
      users.insert({
        id: `u${String(i).padStart(5, '0')}`,
        name: `User ${i}`,
        team: i % 2 === 0 ? 'red' : 'blue',
      }),
    ),
  )
  for (const id of ['é', '\uFF21', '😀', 'Z']) await users.insert({ id, name: 'odd' })
  return users
}

async function inShards(
  database: Database,
  driver: ReturnType<typeof memory>,
  shards: number,
  more: object = {},
) {
  // Each process has a source of its own.
  const source = () => databaseSource(ours(database))
  const plan = await planBackup({ source: source(), driver, shards, ...more })
  for (let index = 0; index < plan.shards; index++)
    await runShard({ source: source(), driver, id: plan.id, index })
  return commitBackup({ source: source(), driver, id: plan.id })
}

it.each(Object.entries(places))(
  'a database in %s is backed up in shards, full and incremental',
  async (_, make) => {
    const database = await make()
    const users = await fill(database, 120)
    const driver = memory()
    const { manifest } = await inShards(database, driver, 4)
    expect(manifest.resources.users).toMatchObject({ recordCount: 124, ordered: true })
    expect(
      manifest.parts.filter(({ resource, holds }) => resource === 'users' && holds === 'rows').length,
    ).toBe(4)
    await users.delete('u00050')
    await users.insert({ id: 'u00050x', name: 'new' })
    const last = await inShards(database, driver, 3, { incremental: {} })
    expect(last.manifest.resources.users).toMatchObject({ whole: false, totalCount: 124, deletedCount: 1 })
    const copy = await openNew('memory')
    await restoreInto(copy, { driver, id: last.id })
    const records = 'resource=users/data/'
    expect(await stored(copy, records)).toEqual(await stored(database, records))
    const alone = await backup({ source: databaseSource(ours(database)), driver })
    expect(alone.manifest.resources.users?.totalCount).toBe(124)
  },
)

it.each(Object.entries(places))(
  'ranges of ids of a database in %s have each record once',
  async (_, make) => {
    const database = await make()
    await fill(database, 30)
    const source = databaseSource(ours(database))
    const bounds = [undefined, 'Z', 'u00010', 'u00010a', 'é', '\uFF21', undefined]
    const seen: string[] = []
    for (const [at, after] of bounds.slice(0, -1).entries()) {
      const range = { after, upTo: bounds[at + 1] }
      for await (const { rows } of source.read('users', { ...call, range }))
        seen.push(...rows.map(({ id }) => id))
    }
    const all: string[] = []
    for await (const { rows } of source.read('users', call)) all.push(...rows.map(({ id }) => id))
    expect(seen).toEqual(all)
    expect(all).toHaveLength(34)
  },
)

it('of a resource on S3 only the range is listed and read', async () => {
  const database = await places.s3()
  await fill(database, 1010)
  const source = databaseSource(ours(database))
  await source.describe(call)
  proxy.clear()
  const ids: string[] = []
  const range = { after: 'u00899', upTo: 'u00909' }
  for await (const { rows } of source.read('users', { ...call, range })) ids.push(...rows.map(({ id }) => id))
  expect(ids).toHaveLength(10)
  expect(requests().list).toBe(1)
  expect(requests().get).toBe(10)
})
