import { setTimeout as sleep } from 'node:timers/promises'
import { backup } from '@s3db-backup/core'
import { memory } from '@s3db-backup/driver-testkit'
import type { Database } from 's3db.js'
import { expect, it } from 'vitest'
import { onS3, s3Server } from '../../../tooling/s3/test-server.ts'
import { databaseSource } from '../src/index.js'
import { open, openNew, ours, restoreInto, stored } from './databases.js'

const { address, proxy, requests } = await s3Server()

/** Amazon S3 shows times in whole seconds, whatever the server of this test does. */
function inWholeSeconds({ client }: Database): void {
  const listObjects = client.listObjects.bind(client)
  client.listObjects = async (...given) => {
    const page = await listObjects(...given)
    for (const object of page.Contents ?? []) {
      const time = new Date(object.LastModified ?? 0)
      object.LastModified = new Date(Math.floor(time.getTime() / 1000) * 1000)
    }
    return page
  }
}

async function openUsers(prefix: string, ids: readonly string[]) {
  const database = await open(address(prefix), onS3)
  inWholeSeconds(database)
  const users = await database.createResource({
    name: 'users',
    attributes: { name: 'string', team: 'string|optional' },
    partitions: { byTeam: { fields: { team: 'string' } } },
    asyncPartitions: false,
  })
  for (const id of ids) await users.insert({ id, name: 'first', team: 'red' })
  return { database, users, source: databaseSource(ours(database)), driver: memory() }
}

it('no change in the same second as a backup is missed: before, during or after it', async () => {
  const { database, users, source, driver } = await openUsers('racing', ['a', 'b', 'c'])
  // Ceph rejects the signature of s3db.js when it updates a record for the second time: see tooling/s3/README.md.
  const change = (id: string, name: string, team = 'red') => users.replace(id, { name, team })
  let last = await backup({ source, driver })
  for (let turn = 0; turn < 5; turn++) {
    await change('a', `before ${turn}`)
    const [during] = await Promise.all([
      backup({ source, driver, type: 'incremental', incremental: { since: last.id } }),
      change('b', `during ${turn}`, `team ${turn}`),
      users.insert({ id: `new ${turn}`, name: 'during' }),
    ])
    await change('c', `after ${turn}`)
    if (turn > 0) await users.delete(`new ${turn - 1}`)
    last = await backup({ source, driver, type: 'incremental', incremental: { since: during.id } })
  }
  const records = 'resource=users/data/'
  const copy = await openNew('memory')
  await restoreInto(copy, { driver, id: last.id })
  expect(await stored(copy, records)).toEqual(await stored(database, records))
})

it('an incremental backup lists once and reads what changed, and what was written just before the last one', async () => {
  const ids = Array.from({ length: 40 }, (_, index) => `id-${index}`)
  const { users, source, driver } = await openUsers('settled', ids)
  // Older than the two seconds in which a record can change without a visible new time.
  await sleep(3_100)
  let full: Awaited<ReturnType<typeof backup>>
  let begun: number
  // Right before the backup. If the machine was too busy for that, it tries again.
  do {
    begun = Date.now()
    for (const id of ['id-1', 'id-2']) await users.replace(id, { name: 'second', team: 'red' })
    full = await backup({ source, driver })
  } while (Date.now() - begun > 1000)

  await users.update('id-3', { name: 'third' })
  await users.delete('id-4')
  proxy.clear()
  const made = await backup({ source, driver, type: 'incremental', incremental: { since: full.id } })
  // Reads: the definitions at the beginning and at the end; one record that has changed and two that may have; and
  // whether the record that is no longer listed is really gone.
  expect(requests()).toEqual({ list: 1 + 3 + 1 + 1, get: 2 + 3 + 1, head: 0, put: 0, delete: 0 })
  expect(made.manifest.resources.users).toMatchObject({ recordCount: 1 })
})
