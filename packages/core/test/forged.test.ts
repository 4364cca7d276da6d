import { describe, expect, it } from 'vitest'
import { consolidate, diff, restore, verify } from '../src/index.js'
import { verifyAll } from '../src/internal.js'
import { memoryTarget } from './database.js'
import { type ForgedBackup, type ForgedState, hashOf, honestChain, objectsOf } from './forge.js'
import { memoryDriver } from './memory-driver.js'

const first: ForgedState = { a: { value: 1 }, b: { value: 1, raw: 1 }, c: { value: 1 } }
const second: ForgedState = { a: { value: 2, raw: 2 }, c: { value: 1 }, d: { value: 1 } }

/** A full backup of users and one that builds on it. */
const chain = () => honestChain([{ users: first }, { users: second }]) as [ForgedBackup, ForgedBackup]

const refusals: [string, (full: ForgedBackup, incremental: ForgedBackup) => void][] = [
  [
    'a full backup with a false state',
    ({ resources }) =>
      Object.assign(resources.users!.entry, { state: { before: '0'.repeat(64), after: 'f'.repeat(64) } }),
  ],
  ['a full backup without its key index', ({ resources }) => resources.users!.index.splice(0)],
  [
    'a full backup with a raw form whose row is missing',
    ({ resources }) => resources.users!.raw.push('{"id":"bb","raw":1}'),
  ],
  ['a record twice', ({ resources }) => resources.users!.rows.splice(1, 0, resources.users!.rows[0]!)],
  [
    'records in no order though the manifest says they are',
    ({ resources: { users } }) => {
      for (const lines of [users!.rows, users!.index]) lines.reverse()
    },
  ],
  [
    'an incremental backup on records in no order',
    ({ resources: { users } }) => {
      for (const lines of [users!.rows, users!.index]) lines.reverse()
      Object.assign(users!.entry, { ordered: false })
    },
  ],
  [
    'a row that is not the one that was hashed',
    ({ resources }) => resources.users!.rows.splice(0, 1, '{"id":"a","value":7}'),
  ],
  [
    'a raw form that is not the one that was hashed',
    ({ resources }) => resources.users!.raw.splice(0, 1, '{"id":"b","raw":7}'),
  ],
  [
    'an incremental backup that begins with another state than its parent ends with',
    (_, { resources }) => {
      const { entry } = resources.users!
      Object.assign(entry, { state: { before: 'e'.repeat(64), after: entry.state!.after } })
    },
  ],
  [
    'a false number of replaced records',
    (_, { resources }) => Object.assign(resources.users!.entry, { replacedCount: 0 }),
  ],
  [
    'a false number of records',
    (_, { resources }) => Object.assign(resources.users!.entry, { totalCount: 7 }),
  ],
  [
    'the deletion of a record that nobody has',
    (_, { resources }) => {
      resources.users!.deleted.push('{"id":"z"}')
      Object.assign(resources.users!.entry, { totalCount: 2 })
    },
  ],
  [
    'a record that one backup both has and deletes',
    (_, { resources }) => {
      resources.users!.deleted.unshift('{"id":"a"}')
      Object.assign(resources.users!.entry, { totalCount: 2 })
    },
  ],
  ['a parent of another series', (full) => Object.assign(full.manifest, { set: 'another' })],
  [
    'a part that belongs to no resource',
    (_, { parts }) => parts.push({ file: 'x', resource: 'nobody', holds: 'rows', content: '' }),
  ],
  [
    'a name that is both a resource and internal',
    (_, backup) =>
      Object.assign(backup, { internal: { users: { ...backup.resources.users, entry: { of: null } } } }),
  ],
  [
    'what is internal of a resource that is not there',
    (full, backup) =>
      Object.assign(backup, {
        internal: { x: { ...full.resources.users, entry: { ...full.resources.users!.entry, of: 'nobody' } } },
      }),
  ],
]

describe.each(refusals)('%s', (_, forge) => {
  const backups = chain()
  forge(...backups)
  const driver = memoryDriver({ objects: objectsOf(backups) })

  it('is found by verify, refused by restore before it writes, and not consolidated', async () => {
    expect(await verify({ driver, id: 'b1' })).toMatchObject({ ok: false })
    const target = memoryTarget()
    await expect(restore({ driver, id: 'b1', target })).rejects.toMatchObject({
      code: expect.stringMatching(/^(corrupt|broken_chain)$/),
    })
    expect(target.plans).toEqual([])
    await expect(consolidate({ driver, id: 'b1' })).rejects.toMatchObject({
      code: expect.stringMatching(/^(corrupt|broken_chain)$/),
    })
  })
})

it('the chain is sound before it is forged', async () => {
  const driver = memoryDriver({ objects: objectsOf(chain()) })
  for (const id of ['b0', 'b1'])
    expect(await verify({ driver, id })).toMatchObject({ ok: true, problems: [] })
  const target = memoryTarget()
  await restore({ driver, id: 'b1', target })
  expect([...target.rows.get('users')!.values()]).toEqual([
    { id: 'a', value: 2 },
    { id: 'c', value: 1 },
    { id: 'd', value: 1 },
  ])
  // The row replaced above had no raw form, and b's raw form is gone with b.
  expect([...target.raw.get('users')!]).toEqual([['a', 2]])
  const changes: string[] = []
  for await (const { id, change } of diff({ driver, from: 'b0', to: 'b1' })) changes.push(`${id} ${change}`)
  expect(changes).toEqual(['a changed', 'b removed', 'd added'])
})

it('a record without a row is noted anew only with the hash of its parent', async () => {
  const noted = (hash: string) => {
    const [full, incremental] = chain()
    incremental.resources.users!.index.splice(1, 0, JSON.stringify(['c', 7, hash]))
    return memoryDriver({ objects: objectsOf([full, incremental]) })
  }
  const driver = noted(hashOf('{"id":"c","value":1}'))
  expect(await verify({ driver, id: 'b1' })).toMatchObject({ ok: true })
  expect(await verify({ driver: noted('aaaaaaaaaaa'), id: 'b1' })).toMatchObject({ ok: false })
})

it('a source’s own hashes are only compared with one another, never with lines', async () => {
  const [full] = chain()
  Object.assign(full.resources.users!.entry, { contentHash: 'mine' })
  full.resources.users!.rows.splice(0, 1, '{"id":"a","value":7}')
  const driver = memoryDriver({ objects: objectsOf([full]) })
  expect(await verify({ driver, id: 'b0' })).toMatchObject({ ok: true })
})

describe('verify of several backups', () => {
  const backups = honestChain([{ users: first }, { users: second }, { users: first }])
  const fork: ForgedBackup = { ...honestChain([{ users: first }, { users: {} }])[1]!, id: 'fork' }
  const ids = ['b2', 'b0', 'fork', 'gone']

  it('reads shared parts once', async () => {
    const driver = memoryDriver({ objects: objectsOf([...backups, fork]) })
    const outcomes = await verifyAll({ driver, ids })
    expect(outcomes).toMatchObject([
      { id: 'b2', report: { ok: true, ancestors: ['b0', 'b1'] } },
      { id: 'b0', report: { ok: true } },
      { id: 'fork', report: { ok: true, ancestors: ['b0'] } },
      { id: 'gone', error: { code: 'not_found', operation: 'verify' } },
    ])
    const read = driver.steps.filter(({ operation, key }) => operation === 'get' && key.endsWith('.jsonl'))
    expect(new Set(read.map(({ key }) => key)).size).toBe(read.length)
  })

  it('reads many small ones in parallel, and reports the same as one after the other', async () => {
    const many = Array.from({ length: 40 }, (_, at) => ({
      ...honestChain([{ users: first, orders: second }])[0]!,
      id: `full-${at}`,
    }))
    let underWay = 0
    let most = 0
    const driver = memoryDriver({
      objects: objectsOf(many),
      async onStep({ operation, key }) {
        if (operation !== 'get' || !key.endsWith('.jsonl')) return
        underWay += 1
        most = Math.max(most, underWay)
        await new Promise((resolve) => setTimeout(resolve, 1))
        underWay -= 1
      },
    })
    for (const id of ['full-3', 'full-30'])
      for (const file of ['users.index.jsonl', 'orders.raw.jsonl'])
        driver.objects.set(`${id}/${file}`, Buffer.from('x'))
    const all = many.map(({ id }) => id)
    const outcomes = await verifyAll({ driver, ids: all })
    expect(most).toBeGreaterThan(8)
    for (const [at, outcome] of outcomes.entries()) {
      const alone = await verify({ driver, id: outcome.id })
      expect(outcome).toEqual({ id: all[at], report: alone })
      expect(alone.ok).toBe(at !== 3 && at !== 30)
    }
  })

  it('reports for each only what concerns it', async () => {
    const driver = memoryDriver({ objects: objectsOf([...backups, fork]) })
    driver.objects.delete('b1/users.deleted.jsonl')
    expect(await verifyAll({ driver, ids: ['b2', 'b0', 'fork'] })).toMatchObject([
      { report: { ok: false, problems: [{ metadata: { backupId: 'b1', file: 'users.deleted.jsonl' } }] } },
      { report: { ok: true } },
      { report: { ok: true } },
    ])
    driver.objects.delete('b0/s3db.json')
    expect(await verifyAll({ driver, ids: ['b2', 'b0', 'fork'] })).toMatchObject([
      { report: { ok: false, ancestors: [], problems: [{ code: 'broken_chain' }] } },
      { error: { code: 'not_found' } },
      { report: { ok: false, problems: [{ code: 'broken_chain' }] } },
    ])
  })
})
