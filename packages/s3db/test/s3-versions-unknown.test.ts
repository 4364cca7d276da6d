import { backup } from '@s3db-backup/core'
import { memory } from '@s3db-backup/driver-testkit'
import { describe, expect, it } from 'vitest'
import { onS3, s3Server } from '../../../tooling/s3/test-server.ts'
import {
  databaseAt,
  databaseTarget,
  planUndo,
  recover,
  recoverableWindow,
  snapshotSource,
} from '../src/index.js'
import { call, open, openNew, ours } from './databases.js'

const day = 86_400_000
/** Whole seconds, as the storage's `Date` has them. */
const clock = { now: Math.floor(Date.now() / 1000) * 1000 - 20 * day }
/** The first to answer is ahead of all others. */
const apart = { behind: 0, answers: 0 }
const s3 = await s3Server({}, { now: () => clock.now - (apart.answers++ > 0 ? apart.behind : 0) })

/** Lets the storage's clock go on, and gives a moment in between. */
function goOn(ms = 20_000): Date {
  clock.now += ms
  return new Date(clock.now - ms / 2)
}

async function bucketWith(ids: readonly string[], versioning: 'Enabled' | undefined) {
  const bucket = await s3.anotherBucket()
  if (versioning !== undefined) await bucket.versioning(versioning)
  const database = await open(s3.address('app', bucket), onS3)
  const users = await database.createResource({ name: 'users', attributes: { name: 'string' } })
  for (const id of ids) await users.insert({ id, name: 'one' })
  return { bucket, database, users, client: ours(database) }
}

async function usersAt(database: unknown, at: Date) {
  const source = databaseAt(ours(database), at)
  await source.describe(call)
  const rows: string[] = []
  const lost: string[] = []
  const doubts: string[] = []
  for await (const batch of source.read('users', call)) {
    rows.push(...batch.rows.map(({ id }) => id))
    lost.push(...(batch.lost ?? []).map(({ id, reason }) => `${id}: ${reason}`))
    doubts.push(...(batch.lostWithoutId ?? []).map(({ reason }) => reason))
  }
  return { rows, lost, doubts }
}

const off = expect.stringContaining('versioning may have been off')

describe('a moment before versioning was turned on', () => {
  it('is told with what may be missing: a record that was deleted then has left no trace', async () => {
    const { bucket, database, users } = await bucketWith(['a', 'b', 'gone'], undefined)
    const at = goOn()
    for (const id of ['a', 'gone']) await users.delete(id)
    goOn()
    await bucket.versioning('Enabled')
    for (const id of ['a', 'new']) await users.insert({ id, name: 'again' })
    goOn()
    expect(await usersAt(database, at)).toEqual({
      rows: ['b'],
      lost: [expect.stringMatching(/^a: .*off/), expect.stringMatching(/^new: .*off/)],
      doubts: [off],
    })
    const plan = await planUndo(ours(database), at, {}, call)
    expect(plan.steps.map(({ id, change }) => [id, change])).toEqual([
      ['a', 'unknown'],
      ['new', 'unknown'],
    ])
    expect(plan.doubts).toEqual([off])
  })

  it('does not begin the window that doctor, health and the page show', async () => {
    const { bucket, database, users, client } = await bucketWith(['a'], undefined)
    goOn()
    await bucket.versioning('Enabled')
    expect(await recoverableWindow(client, call)).toMatchObject({ late: true, from: new Date(clock.now) })
    const turnedOn = clock.now
    goOn()
    await users.replace('a', { name: 'two' })
    const first = clock.now
    goOn()
    await users.replace('a', { name: 'three' })
    expect(await recoverableWindow(client, call)).toMatchObject({ late: true, from: new Date(first) })
    expect(first).toBeGreaterThan(turnedOn)
    expect((await usersAt(database, new Date(first))).doubts).toEqual([])
    expect((await usersAt(database, new Date(first - 1))).doubts).toEqual([off])
  })

  it('is over once any object has a version of that time, though the definitions have none', async () => {
    const { bucket, database, users } = await bucketWith(['a', 'b'], undefined)
    goOn()
    await bucket.versioning('Enabled')
    await users.replace('b', { name: 'two' })
    const at = goOn()
    await users.delete('a')
    await users.insert({ id: 'new', name: 'new' })
    goOn()
    expect(await usersAt(database, at)).toEqual({ rows: ['a', 'b'], lost: [], doubts: [] })
    const plan = await planUndo(ours(database), at, {}, call)
    expect(plan).toMatchObject({
      steps: [
        { id: 'a', change: 'deleted' },
        { id: 'new', change: 'created' },
      ],
      doubts: [],
    })
  })
})

describe('lifecycle rules that may not be read', () => {
  it('may have removed what is older than a day, and the right is named', async () => {
    const { database, users } = await bucketWith(['a', 'b'], 'Enabled')
    const at = goOn()
    await users.insert({ id: 'new', name: 'new' })
    goOn()
    const denied = { kind: 'answer', status: 403, code: 'AccessDenied' } as const
    s3.proxy.add({ match: /[?&]lifecycle/, fault: denied })
    expect(await usersAt(database, at)).toEqual({ rows: ['a', 'b'], lost: [], doubts: [] })
    clock.now += day
    const right = expect.stringContaining('s3:GetLifecycleConfiguration')
    expect(await usersAt(database, at)).toEqual({ rows: ['a', 'b'], lost: [right], doubts: [right] })
    const plan = await planUndo(ours(database), at, {}, call)
    expect(plan).toMatchObject({ steps: [{ id: 'new', change: 'unknown' }], doubts: [right] })
    expect((await recoverableWindow(ours(database), call)).from).toEqual(new Date(clock.now - day))
    s3.proxy.clear()
    expect(await usersAt(database, at)).toEqual({ rows: ['a', 'b'], lost: [], doubts: [] })
  })

  it('are none where the server knows no such rules', async () => {
    const { database, users } = await bucketWith(['a'], 'Enabled')
    const at = goOn()
    await users.insert({ id: 'new', name: 'new' })
    goOn(2 * day)
    s3.proxy.add({
      match: /[?&]lifecycle/,
      fault: { kind: 'answer', status: 501, code: 'NotImplemented' },
    })
    expect(await usersAt(database, at)).toEqual({ rows: ['a'], lost: [], doubts: [] })
    expect(await recoverableWindow(ours(database), call)).toMatchObject({ missingRights: [] })
    s3.proxy.clear()
  })
})

describe('records that are asked for by their ids', () => {
  it('are lost where they may have left no trace, and not found where they were not there', async () => {
    const { bucket, database } = await bucketWith(['a'], 'Enabled')
    const at = goOn()
    const recovered = async () => {
      const target = databaseTarget(ours(await openNew('memory')))
      const how = { choose: (names: readonly string[]) => names, ids: ['a', 'nobody'] }
      const source = databaseAt(ours(database), at)
      return recover(source, target, { ...how, mode: 'skip', dryRun: false }, call)
    }
    goOn()
    expect((await recovered()).get('users')).toMatchObject({ restored: 1, lost: [], notFound: ['nobody'] })
    await bucket.lifecycle(
      '<LifecycleConfiguration><Rule><Status>Enabled</Status><NoncurrentVersionExpiration><NoncurrentDays>1</NoncurrentDays></NoncurrentVersionExpiration></Rule></LifecycleConfiguration>',
    )
    clock.now += 2 * day
    expect((await recovered()).get('users')).toMatchObject({
      restored: 1,
      lost: [{ id: 'nobody', reason: expect.stringContaining('lifecycle') }],
      notFound: [],
    })
  })
})

describe('the clock of the storage', () => {
  it('decides, though neither versioning nor the rules may be read', async () => {
    const { database, users } = await bucketWith(['a'], 'Enabled')
    goOn()
    const denied = { kind: 'answer', status: 403, code: 'AccessDenied' } as const
    s3.proxy.add({ match: /[?&](lifecycle|versioning)/, fault: denied })
    // By this machine's clock both are long past.
    await expect(usersAt(database, new Date(clock.now - 1000))).rejects.toMatchObject({
      code: 'invalid_options',
    })
    expect((await usersAt(database, new Date(clock.now - 6000))).rows).toEqual(['a'])
    expect(await users.listIds()).toEqual(['a'])
    s3.proxy.clear()
  })
})

describe('the right to read versions', () => {
  it('is named where it is missing, and there is no window then', async () => {
    const { client } = await bucketWith(['a'], 'Enabled')
    goOn()
    const denied = { kind: 'answer', status: 403, code: 'AccessDenied' } as const
    s3.proxy.add({ match: /[?&]versionId=/, fault: denied })
    expect(await recoverableWindow(client, call)).toMatchObject({
      from: null,
      missingRights: ['s3:GetObjectVersion'],
    })
    s3.proxy.clear()
    expect(await recoverableWindow(client, call)).toMatchObject({ from: expect.any(Date), missingRights: [] })
  })
})

describe('a server that knows no versioning', () => {
  it('keeps no versions, and a backup of one moment where that is possible is made as usual', async () => {
    const { client } = await bucketWith(['a'], undefined)
    const at = goOn()
    goOn()
    const unknown = { kind: 'answer', status: 501, code: 'NotImplemented' } as const
    s3.proxy.add({ match: /[?&](versioning|versions|lifecycle)(=|&|$)/, fault: unknown })
    const source = snapshotSource(client, { snapshot: 'auto', incremental: false })
    expect((await backup({ source, driver: memory() })).records).toBe(1)
    await expect(usersAt(client, at)).rejects.toThrow('keeps no versions')
    expect(await recoverableWindow(client, call)).toMatchObject({ versioning: 'off', missingRights: [] })
    s3.proxy.clear()
  })
})

describe('a bucket whose versioning was suspended for a while', () => {
  it('tells what was not overwritten or deleted meanwhile, and names the rest', async () => {
    const { bucket, database, users } = await bucketWith(['a', 'b', 'c', 'd'], 'Enabled')
    const at = goOn()
    await bucket.versioning('Suspended')
    await expect(usersAt(database, at)).rejects.toMatchObject({
      suggestion: expect.stringContaining('named as lost'),
    })
    await users.replace('a', { name: 'two' })
    await users.delete('b')
    goOn()
    await bucket.versioning('Enabled')
    await users.replace('c', { name: 'two' })
    goOn()
    expect(await usersAt(database, at)).toEqual({
      rows: ['c', 'd'],
      lost: [expect.stringMatching(/^a: .*off/), expect.stringMatching(/^b: .*off/)],
      doubts: [],
    })
  })
})

describe('a storage whose servers have clocks that stand apart', () => {
  it('gives backups of one moment all the same', async () => {
    const { client, users } = await bucketWith(['a'], 'Enabled')
    goOn()
    await users.insert({ id: 'b', name: 'b' })
    goOn()
    const ticks = Array.from({ length: 12 }, (_, at) => at * 170)
    for (const tick of ticks) {
      apart.behind = 1500
      apart.answers = 0
      clock.now += tick
      const source = snapshotSource(client, { snapshot: 'versions', incremental: false })
      expect((await backup({ source, driver: memory() })).records).toBe(2)
    }
    apart.behind = 0
  })
})
