import { expect, it } from 'vitest'
import { onS3, s3Server } from '../../../tooling/s3/test-server.ts'
import { applyUndo, planUndo } from '../src/index.js'
import { backUp, call, open, openNew, ours, restoreInto, stored } from './databases.js'

const clock = { now: Date.now() - 3_600_000 }
const s3 = await s3Server({}, { now: () => clock.now })
const security = { passphrase: 'the same on both sides, and long enough' }

type Opened = Awaited<ReturnType<typeof open>>

/** Partitions by what a row does not show: a secret, one inside an object, and the version of the record. */
const define = (database: Opened) =>
  database.createResource({
    name: 'users',
    attributes: {
      name: 'string',
      code: 'secret',
      pin: 'secretNumber',
      card: { $$type: 'object', number: 'secret' },
    },
    partitions: {
      byName: { fields: { name: 'string' } },
      byCode: { fields: { code: 'string|maxlength:4' } },
      byPin: { fields: { pin: 'number', name: 'string' } },
      byCard: { fields: { 'card.number': 'string' } },
    },
    asyncPartitions: false,
    behavior: 'body-overflow',
  })

const ada = { id: 'ada', name: 'Ada', code: 'hush-hush', pin: 1234, card: { number: '4111' } }

const references = async (database: Opened) => [
  ...(await stored(database, 'resource=users/partition=')).keys(),
]

async function backedUp() {
  const database = await openNew('memory', { security, versioningEnabled: true })
  await (await define(database)).insert(ada)
  const keys = await references(database)
  expect(keys.some((key) => key.includes('byCode/code=hush/'))).toBe(true)
  expect(keys.some((key) => key.includes('byVersion/_v=v1/'))).toBe(true)
  return { keys, made: await backUp(database) }
}

it('a restore makes the references that s3db.js made, also of what a row does not show', async () => {
  const { keys, made } = await backedUp()
  const target = await openNew('file', { security, versioningEnabled: true })
  expect((await restoreInto(target, made)).resources.users?.shortfalls).toBeUndefined()
  expect((await references(target)).sort()).toEqual(keys.sort())
})

it.each(['merge', 'replace'] as const)(
  'a restore in place (%s) leaves the right ones alone, and no others',
  async (mode) => {
    const { keys, made } = await backedUp()
    const target = await openNew('memory', { security, versioningEnabled: true })
    const users = await define(target)
    await users.insert({ ...ada, name: 'Augusta', code: 'other', card: { number: '5500' } })
    await restoreInto(target, made, { mode })
    expect((await references(target)).sort()).toEqual(keys.sort())
  },
)

it('references of secrets that the passphrase does not open are named, and others are made', async () => {
  const { made } = await backedUp()
  const target = await openNew('memory', {
    security: { passphrase: 'a different one, and long enough' },
    versioningEnabled: true,
  })
  const { resources } = await restoreInto(target, made)
  const named = resources.users?.shortfalls?.map(({ reason, ids }) => [/"(\w+)"/.exec(reason)?.[1], ids])
  expect(named).toEqual([
    ['byCode', ['ada']],
    ['byPin', ['ada']],
    ['byCard', ['ada']],
  ])
  expect((await references(target)).sort()).toEqual([
    'resource=users/partition=byName/name=Ada/id=ada',
    'resource=users/partition=byVersion/_v=v1/id=ada',
  ])
})

it('an undo puts them right, too', async () => {
  const bucket = await s3.anotherBucket()
  await bucket.versioning('Enabled')
  const database = await open(s3.address('shop', bucket), { ...onS3, security })
  const users = await define(database)
  await users.insert(ada)
  const before = await references(database)
  clock.now += 20_000
  const at = new Date(clock.now - 10_000)
  await users.update('ada', { code: 'spoilt', card: { number: '0000' } })
  await users.insert({ ...ada, id: 'bob' })
  clock.now += 20_000
  await applyUndo(ours(database), await planUndo(ours(database), at, {}, call), { created: true }, call)
  expect((await references(database)).sort()).toEqual(before.sort())
})
