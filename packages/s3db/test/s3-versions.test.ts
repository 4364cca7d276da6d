import { backup, restore } from '@s3db-backup/core'
import { memory } from '@s3db-backup/driver-testkit'
import { describe, expect, it } from 'vitest'
import { onS3, s3Server } from '../../../tooling/s3/test-server.ts'
import { databaseAt, databaseTarget } from '../src/index.js'
import { open, openNew, ours } from './databases.js'

const clock = { now: Date.now() }
const s3 = await s3Server(process.env, { now: () => clock.now })
const isLocal = s3.server === 'local'

/** Lets the storage's clock go on: by setting it where it is ours, by waiting where it is not. */
async function later(ms = 7000): Promise<Date> {
  const before = Date.now()
  if (isLocal) clock.now += ms
  else await new Promise((resolve) => setTimeout(resolve, ms))
  return new Date(isLocal ? clock.now - ms / 2 : before + ms / 2)
}

async function versioned(prefix: string) {
  const bucket = await s3.anotherBucket()
  await bucket.versioning('Enabled')
  const address = s3.address(prefix, bucket)
  return { bucket, address, database: await open(address, onS3) }
}

describe('a database as of a moment', () => {
  it('has what was there, after changes, deletions and insertions', async () => {
    const { database } = await versioned('app')
    const users = await database.createResource({
      name: 'users',
      attributes: { name: 'string|required', n: 'number' },
      behavior: 'body-overflow',
    })
    for (let i = 0; i < 60; i++) await users.insert({ id: `u${i}`, name: `Name ${i}`, n: 1 })
    const at = await later()
    for (let i = 0; i < 30; i++) await users.replace(`u${i}`, { name: `Name ${i}`, n: 2 })
    for (let i = 30; i < 40; i++) await users.delete(`u${i}`)
    for (let i = 60; i < 70; i++) await users.insert({ id: `u${i}`, name: 'late', n: 9 })
    for (let i = 35; i < 38; i++) await users.insert({ id: `u${i}`, name: 'again', n: 3 })
    await later()
    s3.proxy.clear()
    const driver = memory()
    const made = await backup({ source: databaseAt(ours(database), at), driver })
    const { versions, get } = s3.requests()
    expect(versions).toBeLessThan(12)
    expect(get).toBeLessThanOrEqual(60 + 3)
    expect(made.manifest.asOf).toBe(at.toISOString())
    expect(made.records).toBe(60)
    const target = await openNew('memory')
    await restore({ driver, id: made.id, target: databaseTarget(ours(target)) })
    const restored = target.resources.users
    for (let i = 0; i < 60; i++)
      expect(await restored?.get(`u${i}`)).toMatchObject({ name: `Name ${i}`, n: 1 })
  })
})
