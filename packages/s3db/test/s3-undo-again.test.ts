import { describe, expect, it } from 'vitest'
import { onS3, s3Server } from '../../../tooling/s3/test-server.ts'
import { applyUndo, planUndo } from '../src/index.js'
import { call, type DatabaseOptions, got, open, ours, type Resource } from './databases.js'

const clock = { now: Date.now() - 3_600_000 }
const s3 = await s3Server({}, { now: () => clock.now })

/** Lets the storage's clock go on, and gives a moment in between. */
function goOn(): Date {
  clock.now += 20_000
  return new Date(clock.now - 10_000)
}

const definition = {
  name: 'users',
  partitions: { byRegion: { fields: { region: 'string' } } },
  asyncPartitions: false,
  behavior: 'body-overflow',
} as const

async function bucketWith(options: DatabaseOptions = onS3) {
  const bucket = await s3.anotherBucket()
  await bucket.versioning('Enabled')
  const address = s3.address('app', bucket)
  const database = await open(address, options)
  const users = await database.createResource({
    ...definition,
    attributes: { name: 'string|required', region: 'string' },
  })
  return { address, database, users }
}

async function undo(database: unknown, at: Date, signal = call.signal) {
  const plan = await planUndo(ours(database), at, {}, call)
  return (await applyUndo(ours(database), plan, { created: true }, { signal })).get('users')
}

const changes = async (database: unknown, at: Date) =>
  (await planUndo(ours(database), at, {}, call)).steps.map(({ id, change }) => [id, change])

async function stateOf(users: Resource) {
  const records: Record<string, unknown> = {}
  for (const id of (await users.listIds()).sort()) {
    const { name, region } = await got(users, id)
    records[id] = [name, region]
  }
  const regions: Record<string, string[]> = {}
  for (const region of ['asia', 'eu', 'us'])
    regions[region] = (await users.listIds({ partition: 'byRegion', partitionValues: { region } })).sort()
  return { records, regions }
}

/** Runs something once, just before a record is written. */
function before(database: unknown, key: string, run: () => Promise<unknown>) {
  const { client } = ours(database)
  const put = client.putObject.bind(client)
  let pending = true
  Reflect.set(client, 'putObject', async (object: Parameters<typeof put>[0]) => {
    if (pending && object.key.endsWith(key)) {
      pending = false
      await run()
    }
    return put(object)
  })
}

describe('an undo', () => {
  it('can be undone, and that again, with what was created and removed, and queries agree', async () => {
    const { database, users } = await bucketWith()
    for (const id of ['a', 'b', 'c']) await users.insert({ id, name: id, region: 'eu' })
    const first = goOn()
    await users.update('a', { name: 'spoilt', region: 'us' })
    await users.delete('b')
    await users.insert({ id: 'new', name: 'new', region: 'us' })
    const second = goOn()
    const [spoilt, original] = [await stateOf(users), { a: ['a', 'eu'], b: ['b', 'eu'], c: ['c', 'eu'] }]
    goOn()
    expect(await undo(database, first)).toMatchObject({ broughtBack: ['a', 'b'], removed: ['new'] })
    const regions = { asia: [], eu: ['a', 'b', 'c'], us: [] }
    expect(await stateOf(users)).toEqual({ records: original, regions })
    goOn()
    expect(await undo(database, second)).toMatchObject({ broughtBack: ['a', 'new'], removed: ['b'] })
    expect(await stateOf(users)).toEqual(spoilt)
    goOn()
    await undo(database, first)
    expect(await stateOf(users)).toEqual({ records: original, regions })
    goOn()
    expect(await changes(database, first)).toEqual([])
  })

  it('keeps what was inserted a second time under the same id since', async () => {
    const { database, users } = await bucketWith()
    await users.insert({ id: 'a', name: 'first', region: 'eu' })
    const at = goOn()
    await users.delete('a')
    goOn()
    await users.insert({ id: 'a', name: 'second', region: 'us' })
    goOn()
    expect(await undo(database, at)).toMatchObject({ broughtBack: ['a'] })
    expect((await stateOf(users)).records).toEqual({ a: ['first', 'eu'] })
  })
})

/** The definition is lost and made anew, with its attributes in another order, so that records are stored under other keys. */
async function madeAnew() {
  const { address, database, users } = await bucketWith()
  for (const id of ['a', 'b']) await users.insert({ id, name: id, region: 'eu' })
  const at = goOn()
  await ours(database).client.putObject({
    key: 's3db.json',
    metadata: {},
    body: '{"version":"1","resources":{}}',
  })
  const other = await open(address, onS3)
  const changed = await other.createResource({
    ...definition,
    attributes: { region: 'string', name: 'string|required' },
  })
  for (const id of ['a', 'b']) await changed.replace(id, { name: 'spoilt', region: 'us' })
  goOn()
  return { other, changed, at }
}

describe('where records are stored under other keys by now', () => {
  it('nothing differs once they are brought back', async () => {
    const { other, changed, at } = await madeAnew()
    expect(await undo(other, at)).toMatchObject({ broughtBack: ['a', 'b'], failed: [] })
    expect((await stateOf(changed)).records).toEqual({ a: ['a', 'eu'], b: ['b', 'eu'] })
    goOn()
    expect(await changes(other, at)).toEqual([])
  })

  it('what somebody writes just before is on top afterwards', async () => {
    const { other, changed, at } = await madeAnew()
    before(other, '/data/id=a', () => changed.replace('a', { name: 'in between', region: 'asia' }))
    expect(await undo(other, at)).toMatchObject({ broughtBack: ['b'], changedMeanwhile: ['a'] })
    expect(await stateOf(changed)).toMatchObject({
      records: { a: ['in between', 'asia'], b: ['b', 'eu'] },
      regions: { asia: ['a'] },
    })
  })
})

describe('several who write beside an undo', () => {
  it('have the last word, also one who writes while what another wrote is put back', async () => {
    const { database, users } = await bucketWith()
    await users.insert({ id: 'a', name: 'a', region: 'eu' })
    const at = goOn()
    await users.replace('a', { name: 'spoilt', region: 'eu' })
    goOn()
    before(database, '/data/id=a', async () => {
      await users.replace('a', { name: 'in between', region: 'us' })
      // Ours is the next write, then this one is just before what was in between is put back.
      const { client } = ours(database)
      const put = client.putObject.bind(client)
      let writes = 0
      Reflect.set(client, 'putObject', async (object: Parameters<typeof put>[0]) => {
        if (object.key.endsWith('/data/id=a')) {
          writes += 1
          if (writes === 1) {
            Reflect.set(client, 'putObject', put)
            await users.replace('a', { name: 'third', region: 'asia' })
          }
        }
        return put(object)
      })
    })
    expect(await undo(database, at)).toMatchObject({ broughtBack: [], changedMeanwhile: ['a'] })
    expect(await stateOf(users)).toEqual({
      records: { a: ['third', 'asia'] },
      regions: { asia: ['a'], eu: [], us: [] },
    })
  })
})

describe('an undo of many records that is stopped', () => {
  it('has looked after what it wrote until then, and goes on when it is run again', async () => {
    const { database, users } = await bucketWith()
    const { client } = ours(database)
    const ids = Array.from({ length: 300 }, (_, at) => `u${String(at).padStart(3, '0')}`)
    const put = async (name: string) => {
      for (let from = 0; from < ids.length; from += 50)
        await Promise.all(
          ids.slice(from, from + 50).map((id) =>
            client.putObject({
              key: `resource=users/data/id=${id}`,
              metadata: { _v: 'v1', 0: name, 1: 'eu' },
              body: '',
            }),
          ),
        )
    }
    await put('one')
    const at = goOn()
    await put('spoilt')
    goOn()
    const stop = new AbortController()
    before(database, '/data/id=u003', () => users.replace('u003', { name: 'in between', region: 'us' }))
    before(database, '/data/id=u290', async () => stop.abort(new Error('stopped')))
    await expect(undo(database, at, stop.signal)).rejects.toThrow('stopped')
    expect(await got(users, 'u003')).toMatchObject({ name: 'in between' })
    const { broughtBack, failed, changedMeanwhile } = (await undo(database, at)) ?? {}
    expect({ failed, changedMeanwhile }).toEqual({ failed: [], changedMeanwhile: [] })
    // The one that was kept, and those after the first ones.
    expect(broughtBack).toContain('u003')
    expect(broughtBack?.length).toBeLessThan(50)
    goOn()
    expect(await changes(database, at)).toEqual([])
  })
})
