import { describe, expect, it } from 'vitest'
import { onS3, s3Server } from '../../../tooling/s3/test-server.ts'
import { applyUndo, planUndo } from '../src/index.js'
import { call, got, open, ours } from './databases.js'

const clock = { now: Date.now() }
const s3 = await s3Server(process.env, { now: () => clock.now })
const isLocal = s3.server === 'local'

/** Lets the storage's clock go on, and gives a moment in between. */
async function goOn(): Promise<Date> {
  const before = Date.now()
  if (isLocal) clock.now += 7000
  else await new Promise((resolve) => setTimeout(resolve, 6200))
  return new Date(isLocal ? clock.now - 3500 : before + 200)
}

const regions = ['asia', 'eu', 'us']

async function scene(ids: readonly string[]) {
  const bucket = await s3.anotherBucket()
  await bucket.versioning('Enabled')
  const database = await open(s3.address('app', bucket), onS3)
  const users = await database.createResource({
    name: 'users',
    attributes: { name: 'string|required', region: 'string' },
    partitions: { byRegion: { fields: { region: 'string' } } },
    asyncPartitions: false,
    behavior: 'body-overflow',
  })
  for (const id of ids) await users.insert({ id, name: id, region: 'eu' })
  const at = await goOn()
  const { client } = ours(database)
  /** Runs something once, just before the first call of this method for such a key. */
  const before = (method: 'putObject' | 'deleteObject', part: string, run: () => Promise<unknown>) => {
    const original: unknown = Reflect.get(client, method)
    if (typeof original !== 'function') throw new Error(`no ${method}`)
    let pending = true
    Reflect.set(client, method, async (given: unknown) => {
      const key = typeof given === 'string' ? given : JSON.stringify(given)
      if (pending && key.includes(part)) {
        pending = false
        await run()
      }
      return original.call(client, given)
    })
  }
  const after = (method: 'putObject' | 'deleteObject', part: string, run: () => Promise<unknown>) => {
    const original: unknown = Reflect.get(client, method)
    if (typeof original !== 'function') throw new Error(`no ${method}`)
    let pending = true
    Reflect.set(client, method, async (given: unknown) => {
      const key = typeof given === 'string' ? given : JSON.stringify(given)
      const isFirst = pending && key.includes(part)
      if (isFirst) pending = false
      const result: unknown = await original.call(client, given)
      if (isFirst) await run()
      return result
    })
  }
  const byRegion = async () => {
    const found: Record<string, string[]> = {}
    for (const region of regions) {
      const ids = await users.listIds({ partition: 'byRegion', partitionValues: { region } })
      if (ids.length > 0) found[region] = ids.sort()
    }
    return found
  }
  let killing = new AbortController()
  const undo = async (created = false) => {
    killing = new AbortController()
    const plan = await planUndo(ours(database), at, {}, call)
    return (await applyUndo(ours(database), plan, { created }, { signal: killing.signal })).get('users')
  }
  /** What was asked for is never answered, and nothing comes after it. */
  const killed = () => {
    killing.abort(new Error('killed'))
    return new Promise<never>(() => undefined)
  }
  return { users, before, after, byRegion, undo, killed }
}

describe('after an undo, queries by partition agree with the records', () => {
  it('if it was killed between a record and its earlier references, and run again', async () => {
    const { users, before, byRegion, undo, killed } = await scene(['a', 'b'])
    for (const id of ['a', 'b']) await users.replace(id, { name: 'spoilt', region: 'us' })
    await goOn()
    before('deleteObject', 'region=us', killed)
    await expect(undo()).rejects.toThrow()
    await undo()
    expect(await got(users, 'a')).toMatchObject({ name: 'a', region: 'eu' })
    expect(await byRegion()).toEqual({ eu: ['a', 'b'] })
  })

  it('if it was killed between the removal of a created record and that of its references', async () => {
    const { users, before, byRegion, undo, killed } = await scene(['a'])
    await users.insert({ id: 'new', name: 'new', region: 'us' })
    await goOn()
    before('deleteObject', 'region=us', killed)
    await expect(undo(true)).rejects.toThrow()
    await undo(true)
    expect(await users.listIds()).toEqual(['a'])
    expect(await byRegion()).toEqual({ eu: ['a'] })
  })

  it('when another writer moved a record to another partition just before it was restored', async () => {
    const { users, before, byRegion, undo } = await scene(['a'])
    await users.replace('a', { name: 'spoilt', region: 'us' })
    await goOn()
    before('putObject', '/data/', () => users.replace('a', { name: 'in between', region: 'asia' }))
    expect(await undo()).toMatchObject({ broughtBack: [], changedMeanwhile: ['a'] })
    expect(await got(users, 'a')).toMatchObject({ name: 'in between', region: 'asia' })
    expect(await byRegion()).toEqual({ asia: ['a'] })
  })

  it('when another writer deleted a record just before it was restored', async () => {
    const { users, before, byRegion, undo } = await scene(['a'])
    await users.replace('a', { name: 'spoilt', region: 'us' })
    await goOn()
    before('putObject', '/data/', () => users.delete('a'))
    expect(await undo()).toMatchObject({ broughtBack: [], changedMeanwhile: ['a'] })
    expect(await users.listIds()).toEqual([])
    expect(await byRegion()).toEqual({})
  })

  it('when another writer moved a created record just before it was removed', async () => {
    const { users, before, byRegion, undo } = await scene(['a'])
    await users.insert({ id: 'new', name: 'new', region: 'us' })
    await goOn()
    before('deleteObject', '/data/', () => users.replace('new', { name: 'moved', region: 'asia' }))
    expect(await undo(true)).toMatchObject({ removed: [], changedMeanwhile: ['new'] })
    expect(await got(users, 'new')).toMatchObject({ name: 'moved', region: 'asia' })
    expect(await byRegion()).toEqual({ asia: ['new'], eu: ['a'] })
  })

  it('when another writer inserted a created record again just after it was removed', async () => {
    const { users, after, byRegion, undo } = await scene(['a'])
    await users.insert({ id: 'new', name: 'new', region: 'us' })
    await goOn()
    after('deleteObject', '/data/', () => users.insert({ id: 'new', name: 'again', region: 'asia' }))
    expect(await undo(true)).toMatchObject({ removed: [], changedMeanwhile: ['new'] })
    expect(await byRegion()).toEqual({ asia: ['new'], eu: ['a'] })
  })
})
