import type { Database } from 's3db.js'
import { verifyPassword } from 's3db.js/concerns/password-hashing'
import { expect } from 'vitest'
import { got, type Resource, stored } from '../databases.js'

/** What every session with a rich database needs to know. */
export const security = { passphrase: 'one passphrase for all of them, long enough' }

const password = 'correct horse battery'

/** Fills a database with one of everything that a restore can get wrong. */
export async function fillRichly(database: Database): Promise<void> {
  const users = await database.createResource({
    name: 'users',
    attributes: {
      name: 'string',
      token: 'secret|optional',
      password: 'password|optional',
      address: { $$type: 'object|optional', country: 'string|optional', 'post code': 'string|optional' },
      tags: 'array|items:string|optional',
    },
    timestamps: true,
    asyncPartitions: false,
    partitions: {
      byCountry: { fields: { 'address.country': 'string' } },
      byNameAndCountry: { fields: { name: 'string', 'address.country': 'string' } },
    },
  })
  await users.insert({
    id: 'ada',
    name: 'Ada',
    token: 'tök€n 😀',
    password,
    address: { country: 'Côte d’Ivoire' },
  })
  await users.insert({
    id: 'é ü',
    name: 'São João 日本',
    tags: ['a|b', '\\', ''],
    address: { country: 'BR' },
  })
  await users.insert({ id: 'bob', name: 'Bob', address: { country: 'BR' } })
  await users.update('bob', { name: 'Robert' })

  const files = await database.createResource({ name: 'files', attributes: { title: 'string' } })
  await files.insert({ id: 'logo', title: 'a picture' })
  await files.setContent({ id: 'logo', buffer: picture, contentType: 'image/png' })

  const texts = await database.createResource({
    name: 'texts',
    attributes: { title: 'string', body: 'string' },
    behavior: 'body-overflow',
    timestamps: true,
  })
  await texts.insert({ id: 'long', title: 'x'.repeat(500), body: 'é'.repeat(5_000) })

  const invoices = await database.createResource({
    name: 'invoices',
    attributes: { total: 'money' },
    idGenerator: 'incremental',
  })
  for (const total of [1.5, 2.25, 3]) await invoices.insert({ total })
}

const picture = Buffer.from(Array.from({ length: 3_000 }, (_, index) => (index * 7) % 256))

/** Everything that a database answers, to be compared with another one's answers. */
export async function answersOf(database: Database): Promise<unknown> {
  const answers: Record<string, unknown> = {}
  for (const name of Object.keys(database.resources).sort()) {
    const resource = resourceOf(database, name)
    const ids = (await resource.listIds()).sort()
    for (const id of ids) answers[`${name}/${id}`] = withoutServersNames(await got(resource, id))
  }
  const users = resourceOf(database, 'users')
  const content = await resourceOf(database, 'files').content('logo')
  return {
    answers,
    fromBrazil: (
      await users.listIds({ partition: 'byCountry', partitionValues: { 'address.country': 'BR' } })
    ).sort(),
    picture: content.buffer?.equals(picture),
    pictureType: content.contentType,
  }
}

function resourceOf(database: Database, name: string): Resource {
  const resource = database.resources[name]
  if (resource === undefined) throw new Error(`There is no resource ${name}`)
  return resource
}

/** Ceph gives s3db.js its own `_v` and `_overflow` back as `-v` and `-overflow`, and `get` then shows them as attributes. */
function withoutServersNames(record: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([name]) => !name.startsWith('-')))
}

/** The objects of the database as they lie there, without its own metadata, which names versions of s3db.js and times. */
export async function objectsOf(database: Database): Promise<ReadonlyMap<string, unknown>> {
  const objects = await stored(database, 'resource=')
  for (const key of objects.keys()) if (/\/(meta|lock)(\/|$)/.test(key)) objects.delete(key)
  return objects
}

/** Checks what only the right passphrase and an unspoilt hash can do. */
export async function expectSecretsToWork(database: Database): Promise<void> {
  const ada = await got(resourceOf(database, 'users'), 'ada')
  expect(ada.token).toBe('tök€n 😀')
  expect(await verifyPassword(password, String(ada.password))).toBe(true)
}
