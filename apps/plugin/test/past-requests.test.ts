import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Database } from 's3db.js'
import { expect, it, onTestFinished } from 'vitest'
import { onS3, s3Server } from '../../../tooling/s3/test-server.ts'
import { BackupPlugin } from '../src/index.js'
import { scratch } from './scene.js'

/** So near to this machine's clock that the SDK takes no answer for one of a clock that is wrong. */
const clock = { now: Date.now() - 240_000 }
const s3 = await s3Server({}, { now: () => clock.now })

async function scene(records: number, versionsEach: number) {
  const bucket = await s3.anotherBucket()
  await bucket.versioning('Enabled')
  const open = async (connectionString: string) => {
    const database = new Database({ connectionString, logLevel: 'silent', exitOnSignal: false, ...onS3 })
    await database.connect()
    onTestFinished(() => database.disconnect())
    return database
  }
  const database = await open(s3.address('app', bucket))
  const users = await database.createResource({ name: 'users', attributes: { n: 'number' } })
  const ids = Array.from({ length: records }, (_, at) => `u${at}`)
  for (let n = 0; n < versionsEach; n++)
    for (let from = 0; from < ids.length; from += 50)
      await Promise.all(
        ids
          .slice(from, from + 50)
          .map((id) => (n === 0 ? users.insert({ id, n }) : users.replace(id, { n }))),
      )
  clock.now += 20_000
  const at = new Date(clock.now - 10_000).toISOString()
  clock.now += 20_000
  const plugin = new BackupPlugin({ driver: 'filesystem', config: { path: scratch() } })
  await database.usePlugin(plugin, 'backup')
  /** What the storage of the database was asked for. */
  const asked = async (work: () => Promise<unknown>) => {
    s3.proxy.clear()
    await work()
    const requests = s3.proxy.log.map(({ request }) => request)
    const isList = (request: string) => /[?&](versions(=|&|$)|list-type=2)/.test(request)
    // Once each: one object is read twice, by which reading the quick way is learnt, and a busy machine repeats requests.
    const others = new Set(requests.filter((request) => !isList(request)))
    return { list: requests.filter(isList).length, get: others.size }
  }
  return { plugin, at, users, asked }
}

it('a dry run of the past tells its requests: a listing for each 1,000 versions, a read for each record', async () => {
  const { plugin, at, asked } = await scene(350, 3)
  const { requests } = await plugin.backup('full', { at, dryRun: true })
  // Two of the 1,050 versions, and one each of the definitions, of counters, history, data of plugins, and folders.
  expect(requests.list).toBe(2 + 6)
  // The bucket is asked twice, the definitions are read.
  expect(requests.get).toBe(350 + 3)
  expect(await asked(() => plugin.backup('full', { at }))).toEqual(requests)

  // So does one of a backup of one moment, and one of a recovery.
  const one = { snapshot: 'versions' } as const
  const present = await plugin.backup('full', { ...one, dryRun: true })
  expect(await asked(() => plugin.backup('full', one))).toEqual(present.requests)
  const total = async (snapshot: 'auto' | 'none') => {
    const { list, get } = await asked(() => plugin.backup('full', { snapshot }))
    return list + get
  }
  expect(await total('auto')).toBeLessThanOrEqual(2 * (await total('none')))
  const folder = mkdtempSync(join(tmpdir(), 's3db-backup-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const target = `file://${folder}/there`
  const tried = await plugin.past.recover(at, { target, dryRun: true })
  expect(tried.requests).toEqual({ list: 2 + 6, get: 350 + 3 })
  expect(await asked(() => plugin.past.recover(at, { target }))).toEqual(tried.requests)
})

it('a backup of one moment says how many versions were written within two seconds of it', async () => {
  const { plugin, users } = await scene(2, 1)
  await users.replace('u0', { n: 8 })
  const at = new Date(clock.now + 1500)
  clock.now += 3000
  await users.replace('u1', { n: 9 })
  clock.now += 20_000
  expect(await plugin.backup('full', { at })).toMatchObject({ near: 2 })
  expect(await plugin.backup('full', { at, dryRun: true })).toMatchObject({ near: 2 })
  expect(await plugin.past.plan(at)).toMatchObject({ near: 2 })
  expect((await plugin.backup('full')).near).toBeUndefined()
})
