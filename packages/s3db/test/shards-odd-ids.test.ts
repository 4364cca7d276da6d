import {
  backup,
  commitBackup,
  finishRestore,
  openRestore,
  planBackup,
  restore,
  restoreShard,
  runShard,
  verify,
} from '@s3db-backup/core'
import { memory } from '@s3db-backup/driver-testkit'
import { expect, it } from 'vitest'
import { onS3, s3Server } from '../../../tooling/s3/test-server.ts'
import { databaseSource, databaseTarget } from '../src/index.js'
import { open, openNew, ours } from './databases.js'

const s3 = await s3Server()

/** Ids that are another one's beginning, need an escape in a URL or in XML, or are sorted otherwise in UTF-16. */
const ids = [
  ...['a', 'a+', 'a+b', 'a b', 'ab', 'abc', 'a~', 'a&b', 'a<b', 'a"b', "a'b", 'a?b', '.x', '#', 'zz', 'A'],
  ...['ä', 'e\u0301', '\u00e9', '日本', '\uff41', '\uff5e', '\ufffd', '\u{1f600}', '\u{1f600}x'],
]

type Opened = Awaited<ReturnType<typeof open>>

const makeUsers = (database: Opened) =>
  database.createResource({
    name: 'users',
    attributes: { name: 'string|required', region: 'string' },
    partitions: { byRegion: { fields: { region: 'string' } } },
    asyncPartitions: false,
    behavior: 'body-overflow',
  })

type Users = Awaited<ReturnType<typeof makeUsers>>

async function content(users: Users) {
  const found: Record<string, unknown> = {}
  for (const id of (await users.listIds()).sort()) {
    const { name, region } = await users.get(id)
    found[id] = { name, region }
  }
  return found
}

it('backups of odd ids in shards, full and incremental, are restored in shards exactly, in each mode', async () => {
  const database = await open(s3.address('app', await s3.anotherBucket()), onS3)
  const users = await makeUsers(database)
  for (const id of ids) await users.insert({ id, name: id, region: 'eu' })
  const driver = memory()
  const source = () => databaseSource(ours(database))

  async function inShards(type: 'full' | 'incremental', shards: number) {
    const plan = await planBackup({
      source: source(),
      driver,
      shards,
      type,
      ...(type === 'full' ? {} : { incremental: {} }),
    })
    const run = (index: number) => runShard({ source: source(), driver, id: plan.id, index })
    // Twice at once, and once more later.
    await Promise.all([0, 0, 1 % plan.shards].map(run))
    for (let index = 0; index < plan.shards; index++) await run(index)
    const [one, other] = await Promise.all(
      [1, 2].map(() => commitBackup({ source: source(), driver, id: plan.id })),
    )
    expect(other?.checksum).toBe(one?.checksum)
    return plan.id
  }

  async function check(id: string, mode: 'skip' | 'merge' | 'replace') {
    expect((await verify({ driver, id })).ok).toBe(true)
    const was = await content(users)
    const whole = await openNew('memory')
    await restore({ driver, id, target: databaseTarget(ours(whole)) })
    expect(await content(whole.resources.users as Users)).toEqual(was)

    const there = await openNew('file')
    const others = await makeUsers(there)
    await others.insert({ id: 'a+', name: 'other', region: 'us' })
    await others.insert({ id: '\uff5ez', name: 'extra', region: 'us' })
    const target = () => databaseTarget(ours(there))
    const { restore: opened, shards } = await openRestore({ driver, id, target: target(), shards: 5, mode })
    for (const index of [4, 2, 0, 1, 3, 2])
      await restoreShard({ driver, restore: opened, index: index % shards, target: target() })
    await finishRestore({ driver, restore: opened, target: target() })
    const wanted = {
      ...was,
      ...(mode === 'replace' ? {} : { '\uff5ez': { name: 'extra', region: 'us' } }),
      ...(mode === 'skip' ? { 'a+': { name: 'other', region: 'us' } } : {}),
    }
    const have = await content(others)
    expect(have).toEqual(wanted)
    for (const region of ['eu', 'us', 'asia']) {
      const listed = await others.listIds({ partition: 'byRegion', partitionValues: { region } })
      const inRegion = Object.entries(wanted).filter(([, record]) => Object(record).region === region)
      expect(listed.sort()).toEqual(inRegion.map(([key]) => key).sort())
    }
  }

  await check(await inShards('full', 7), 'skip')
  await users.delete('a b')
  await users.replace('ä', { name: 'x', region: 'us' })
  await users.insert({ id: 'a bb', name: 'n', region: 'asia' })
  const between = await backup({ source: source(), driver, type: 'incremental', incremental: {} })
  await check(between.id, 'merge')
  await users.delete('\u{1f600}')
  await users.replace('\uff5e', { name: 'y', region: 'us' })
  await check(await inShards('incremental', 6), 'replace')
})
