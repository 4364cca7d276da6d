import type { Database } from 's3db.js'
import { describe, expect, it } from 'vitest'
import { onS3, s3Server } from '../../../tooling/s3/test-server.ts'
import { type Attributes, address, backUp, definitions, open, restoreInto, stored } from './databases.js'

const s3 = await s3Server()
let places = 0

const clients = [
  ['in memory', () => address('memory')],
  ['in files', () => address('file')],
  ['on S3', () => s3.address(`replaced/${places++}`)],
] as const

type Partitions = Record<string, { fields: Record<string, string> }>

const attributes = { name: 'string|required', region: 'string|required' }
const byRegion = { fields: { region: 'string' } }
const byName = { fields: { name: 'string' } }

function define(database: Database, more: { attributes?: Attributes; partitions: Partitions }) {
  return database.createResource(
    structuredClone({
      name: 'users',
      asyncPartitions: false,
      ...more,
      attributes: { ...more.attributes, ...attributes },
    }),
  )
}

async function answers(database: Database) {
  const users = database.resources.users!
  const records = (await users.list()).map(({ id, name, region }) => ({ id, name, region }))
  const ask = async (partition: string, field: string, value: string) =>
    (await users.listIds({ partition, partitionValues: { [field]: value } })).sort()
  return {
    records: records.sort((one, other) => one.id.localeCompare(other.id)),
    US: await ask('byRegion', 'region', 'US'),
    EU: await ask('byRegion', 'region', 'EU'),
    BR: await ask('byRegion', 'region', 'BR'),
  }
}

/** All that there is, but for counts that s3db.js keeps for itself. */
async function everything(database: Database) {
  const objects = await stored(database, 'resource=')
  return [...objects].filter(([key]) => !key.includes('/meta/'))
}

describe.each(clients)('a restore with replace %s', (_where, place) => {
  it('creates the partitions that only the backup has, and removes those that only the target has', async () => {
    const there = place()
    const database = await open(there, onS3)
    const users = await define(database, { partitions: { byRegion, byName } })
    await users.insert({ id: 'a', name: 'A', region: 'US' })
    const before = { definitions: await definitions(database), objects: await everything(database) }
    const made = await backUp(database)

    const byBoth = { fields: { region: 'string', name: 'string' } }
    const changed = await define(database, { partitions: { byRegion, byBoth } })
    await changed.insert({ id: 'b', name: 'B', region: 'US' })
    await restoreInto(database, made, { mode: 'replace' })
    const asked = { partition: 'byName', partitionValues: { name: 'A' } }
    expect(await database.resources.users!.listIds(asked)).toEqual(['a'])
    expect(await everything(database)).toEqual(before.objects)
    expect((await definitions(database)).users).toEqual(before.definitions.users)
    const again = await open(there, onS3)
    if (there.startsWith('memory:')) return
    expect(Object.keys(again.resources.users!.config.partitions).sort()).toEqual(['byName', 'byRegion'])
    expect(await again.resources.users!.listIds(asked)).toEqual(['a'])
  })

  it('leaves no reference of replaced or removed records, even if the attributes had other keys', async () => {
    const there = place()
    const database = await open(there, onS3)
    const users = await define(database, { partitions: { byRegion } })
    const regions = { a: 'US', b: 'US', c: 'EU' }
    for (const [id, region] of Object.entries(regions)) await users.insert({ id, name: `name ${id}`, region })
    const before = {
      definitions: await definitions(database),
      answers: await answers(database),
      objects: await everything(database),
    }
    const made = await backUp(database)

    const changed = await define(database, {
      attributes: { active: 'string|optional' },
      partitions: { byRegion },
    })
    await changed.update('a', { name: 'changed', region: 'EU' })
    await changed.insert({ id: 'd', name: 'new', region: 'BR', active: 'yes' })
    await restoreInto(database, made, { mode: 'replace' })
    expect(await answers(database)).toEqual(before.answers)
    expect(await everything(database)).toEqual(before.objects)
    expect((await definitions(database)).users).toEqual(before.definitions.users)
    if (there.startsWith('memory:')) return
    expect(await answers(await open(there, onS3))).toEqual(before.answers)
  })

  it('even after another process changed them', async () => {
    const there = place()
    if (there.startsWith('memory:')) return
    const source = await open(there, onS3)
    const users = await define(source, { partitions: { byRegion } })
    for (const [id, region] of [
      ['a', 'US'],
      ['b', 'EU'],
    ] as const)
      await users.insert({ id, name: id, region })
    const before = { answers: await answers(source), definitions: await definitions(source) }
    const made = await backUp(source)
    const application = await open(there, onS3)
    await define(application, { attributes: { active: 'string|optional' }, partitions: { byRegion, byName } })
    const target = await open(there, onS3)
    await restoreInto(target, made, { mode: 'replace' })
    const again = await open(there, onS3)
    expect(await answers(again)).toEqual(before.answers)
    expect((await definitions(again)).users).toEqual(before.definitions.users)
  })

  it('reads the same after the database is reopened, even if the attributes had other keys', async () => {
    const elsewhere = await open(address('memory'), onS3)
    const users = await define(elsewhere, { partitions: { byRegion } })
    await users.insert({ id: 'a', name: 'A', region: 'US' })
    const made = await backUp(elsewhere)
    const there = place()
    const target = await open(there, onS3)
    const own = await define(target, { attributes: { active: 'string|optional' }, partitions: { byRegion } })
    await own.insert({ id: 'b', name: 'B', region: 'EU', active: 'yes' })
    await restoreInto(target, made, { mode: 'replace' })
    const expected = await answers(elsewhere)
    expect(await answers(target)).toEqual(expected)
    if (!there.startsWith('memory:')) expect(await answers(await open(there, onS3))).toEqual(expected)
  })
})
