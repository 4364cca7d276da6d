import { backup, restore } from '@s3db-backup/core'
import { memory } from '@s3db-backup/driver-testkit'
import { expect, it } from 'vitest'
import { onS3, s3Server } from '../../../tooling/s3/test-server.ts'
import { applyUndo, databaseAt, databaseTarget, planUndo } from '../src/index.js'
import { call, open, openNew, ours, stored } from './databases.js'
import { answersOf, expectSecretsToWork, fillRichly, security } from './s3/rich-database.js'

const clock = { now: Date.now() - 3_600_000 }
const s3 = await s3Server({}, { now: () => clock.now })

it('a database with one of everything is read, and undone, as it was: secrets, bodies, counters, data of plugins', async () => {
  const bucket = await s3.anotherBucket()
  await bucket.versioning('Enabled')
  const database = await open(s3.address('app', bucket), { ...onS3, security })
  await fillRichly(database)
  const { client } = ours(database)
  const note = (text: string) =>
    client.putObject({ key: 'plugin=notes/state', metadata: { text }, body: text.repeat(100) })
  await note('then')
  const before = await answersOf(database)
  clock.now += 20_000
  const at = new Date(clock.now - 10_000)
  for (const resource of Object.values(database.resources))
    for (const id of await resource.listIds()) await resource.delete(id)
  await database.resources.invoices?.insert({ total: 9 })
  await note('now')
  clock.now += 20_000

  const driver = memory()
  const { id } = await backup({ source: databaseAt(ours(database), at), driver })
  const there = await openNew('memory', { security })
  await restore({ driver, id, target: databaseTarget(ours(there)) })
  expect(await answersOf(there)).toEqual(before)
  await expectSecretsToWork(there)
  const state = (await stored(there, 'plugin=notes/')).get('plugin=notes/state')
  expect(state).toMatchObject({ metadata: { text: 'then' }, body: Buffer.from('then'.repeat(100)) })
  // Three were given by then; the fourth was given since.
  expect((await there.resources.invoices?.insert({ total: 1 }))?.id).toBe('4')

  const plan = await planUndo(ours(database), at, {}, call)
  await applyUndo(ours(database), plan, { created: true }, call)
  expect(await answersOf(database)).toEqual(before)
  await expectSecretsToWork(database)
  // What was given stays given.
  expect((await database.resources.invoices?.insert({ total: 1 }))?.id).toBe('5')
})
