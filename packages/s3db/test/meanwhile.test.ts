import type { Database } from 's3db.js'
import { afterEach, describe, expect, it } from 'vitest'
import { quirks } from '../../../tooling/s3/quirks.ts'
import { onS3, s3Server } from '../../../tooling/s3/test-server.ts'
import { createObject } from '../src/client/create-object.js'
import type { Client } from '../src/client/database.js'
import { dataKey } from '../src/listing/keys.js'
import { address, backUp, call, open, openNew, ours, restoreInto, stored } from './databases.js'

const s3 = await s3Server()
afterEach(() => s3.proxy.clear())
let places = 0
const prefix = () => `meanwhile/${places++}`

const clients = [
  ['in memory', () => address('memory')],
  ['in files', () => address('file')],
  ['on S3', () => s3.address(prefix())],
] as const

const users = {
  name: 'users',
  attributes: { name: 'string', region: 'string' },
  asyncPartitions: false,
  partitions: { byRegion: { fields: { region: 'string' } } },
}

async function backedUp() {
  const source = await openNew()
  const resource = await source.createResource(structuredClone(users))
  for (const id of ['a', 'b', 'c']) await resource.insert({ id, name: `backed up ${id}`, region: 'US' })
  return backUp(source)
}

/** A target to which an application writes `b` just before the restore does, or looks whether it is there. */
async function targetInUse(place: string, before: 'put' | 'look' = 'put') {
  const target = await open(place, onS3)
  // Memory belongs to one process; elsewhere the application uses another connection.
  const application = place.startsWith('memory:') ? target : await open(place, onS3)
  const resource = await application.createResource(structuredClone(users))
  if (application !== target) await target.createResource(structuredClone(users))
  const { client } = ours(target)
  let written = false
  const write = async (key: string) => {
    if (key !== dataKey('users', 'b') || written) return
    written = true
    await resource.insert({ id: 'b', name: 'from the application', region: 'EU' })
  }
  const { putObject, listObjects } = client
  if (before === 'put')
    client.putObject = async function afterTheApplication(this: Client, object) {
      await write(object.key)
      return putObject.call(this, object)
    }
  else
    client.listObjects = async (options) => {
      await write(options.prefix)
      return listObjects.call(client, options)
    }
  return target
}

async function inRegion(database: Database, region: string): Promise<string[]> {
  return database.resources.users!.listIds({ partition: 'byRegion', partitionValues: { region } })
}

describe.each(clients)('what the application writes during a restore %s', (where, place) => {
  it('is kept and counted as skipped, with its own references', async () => {
    const target = await targetInUse(place())
    const { resources } = await restoreInto(target, await backedUp())
    expect(resources.users).toMatchObject({ restored: 2, skipped: 1, replaced: 0, failed: [] })
    expect(await target.resources.users!.get('b')).toMatchObject({
      name: 'from the application',
      region: 'EU',
    })
    expect(await inRegion(target, 'EU')).toEqual(['b'])
    expect((await inRegion(target, 'US')).sort()).toEqual(['a', 'c'])
    expect([...(await stored(target, 'plugin=')).keys()]).toEqual([])
  })

  it('exactly one of many writers that create the same record succeeds', async () => {
    const there = place()
    const first = await open(there, onS3)
    const databases = where === 'in memory' ? [first] : [first, await open(there, onS3)]
    for (const round of [1, 2, 3]) {
      const key = dataKey('users', `raced ${round}`)
      const outcomes = await Promise.all(
        Array.from({ length: 16 }, (_, racer) => {
          const { client } = ours(databases[racer % databases.length])
          const object = {
            metadata: { racer: String(racer) },
            body: Buffer.from(racer % 2 === 0 ? '' : `body of ${racer}`),
            contentType: undefined,
          }
          return createObject(client, key, object, call)
        }),
      )
      expect(outcomes.filter((outcome) => outcome === 'created')).toHaveLength(1)
      const object = (await stored(first, key)).get(key)
      expect(object?.metadata.racer).toBe(String(outcomes.indexOf('created')))
    }
  })
})

describe('a server that ignores conditions is asked just before each write', () => {
  const expectKept = async (target: Database) => {
    const { resources } = await restoreInto(target, await backedUp())
    expect(resources.users).toMatchObject({ restored: 2, skipped: 1, replaced: 0, failed: [] })
    expect(await target.resources.users!.get('b')).toMatchObject({ name: 'from the application' })
    expect(await inRegion(target, 'EU')).toEqual(['b'])
    expect((await inRegion(target, 'US')).sort()).toEqual(['a', 'c'])
    expect([...(await stored(target, 'plugin=')).keys()]).toEqual([])
  }

  it.each(['conditions-400', 'conditions-405', 'conditions-501', 'always-exists'] as const)(
    'if it reports that (%s)',
    async (quirk) => {
      const target = await targetInUse(s3.address(prefix()), 'look')
      // s3db.js itself locks its definitions with a condition, and the application creates `b` with one.
      for (const rule of quirks[quirk].rules)
        s3.proxy.add({ ...rule, match: /^PUT \S*\/data\/id(=|%3D)[ac]/ })
      await expectKept(target)
    },
  )

  it('and whether it does shows by the records alone: nothing else is written, and nothing has to be deleted', async () => {
    const place = s3.address(prefix())
    const target = await open(place, onS3)
    await target.createResource({ ...structuredClone(users), partitions: {} })
    const denied = { kind: 'answer', status: 403, code: 'AccessDenied' } as const
    s3.proxy.clear()
    s3.proxy.add({ match: /^(DELETE|POST) /, fault: denied })
    s3.proxy.add({ match: /^PUT (?!\S*\/data\/id)/, fault: denied })
    const { resources } = await restoreInto(target, await backedUp())
    expect(resources.users).toMatchObject({ restored: 3, skipped: 0, failed: [] })
    expect(s3.proxy.log.filter(({ fault }) => fault !== undefined)).toEqual([])
  })

  it('and if it silently stores the object', async () => {
    const target = await targetInUse(s3.address(prefix()), 'look')
    const { client } = ours(target)
    const { putObject } = client
    client.putObject = function withoutCondition(this: Client, { ifNoneMatch: _, ...object }) {
      return putObject.call(this, object)
    }
    await expectKept(target)
  })
})

it('a record whose answer is lost and that is sent again is restored, not skipped', async () => {
  const made = await backedUp()
  const target = await open(s3.address(prefix()), onS3)
  s3.proxy.add({ match: /^PUT \S*data\/id%3Db/, times: 1, fault: { kind: 'lost-answer' } })
  const { resources } = await restoreInto(target, made)
  expect(resources.users).toMatchObject({ restored: 3, skipped: 0 })
})

it('a record that collides with another write of the same key is sent again', async () => {
  const made = await backedUp()
  const target = await open(s3.address(prefix()), onS3)
  const conflict = { kind: 'answer', status: 409, code: 'ConditionalRequestConflict' } as const
  s3.proxy.add({ match: /^PUT \S*data\/id(=|%3D)b/, times: 2, fault: conflict })
  const { resources } = await restoreInto(target, made)
  expect(resources.users).toMatchObject({ restored: 3, skipped: 0 })
  s3.proxy.clear()
  s3.proxy.add({ match: /^PUT \S*data\/id(=|%3D)b/, fault: conflict })
  const other = await open(s3.address(prefix()), onS3)
  await expect(restoreInto(other, made)).rejects.toThrow('1 records')
})
