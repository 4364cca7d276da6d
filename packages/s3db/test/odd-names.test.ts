import { expect, it } from 'vitest'
import { onS3, s3Server } from '../../../tooling/s3/test-server.ts'
import { backUp, got, open, openNew, restoreInto, stored } from './databases.js'

const s3 = await s3Server()

it('a field that no attribute has, and whose name begins with a hyphen, comes back from S3', async () => {
  const source = await open(s3.address('hyphens'), onS3)
  const users = await source.createResource({ name: 'users', attributes: { name: 'string' } })
  await users.insert({ id: 'ada', name: 'Ada', '-note': 'first' })
  const before = await got(users, 'ada')
  expect(before).toMatchObject({ '-note': 'first' })
  const target = await openNew()
  await restoreInto(target, await backUp(source))
  expect(await got(target.resources.users!, 'ada')).toEqual(before)
})

it.each(['constructor', 'prototype', 'toString', 'place.constructor', 'place.prototype'])(
  'a resource with an attribute called %j, and all others, are backed up and restored',
  async (name) => {
    const source = await openNew()
    const [outer = '', inner] = name.split('.')
    const odd =
      inner === undefined ? 'string|optional' : { $$type: 'object|optional', [inner]: 'string|optional' }
    const users = await source.createResource({ name: 'users', attributes: { [outer]: odd, name: 'string' } })
    const others = await source.createResource({ name: 'others', attributes: { name: 'string' } })
    // s3db.js refuses some of these records.
    await users.insert({ id: 'ada', name: 'Ada' }).catch(() => undefined)
    await others.insert({ id: 'bob', name: 'Bob' })
    const target = await openNew('file')
    await restoreInto(target, await backUp(source))
    expect(await stored(target, 'resource=')).toEqual(await stored(source, 'resource='))
    expect(target.resources.users?.attributes).toEqual(users.attributes)
  },
)

it('an id with a zero byte, which S3 and memory allow, comes back', async () => {
  const source = await open(s3.address('zero-bytes'), onS3)
  const users = await source.createResource({ name: 'users', attributes: { name: 'string' } })
  await users.insert({ id: 'a\0b', name: 'Ada' })
  const target = await openNew()
  await restoreInto(target, await backUp(source))
  expect(await got(target.resources.users!, 'a\0b')).toMatchObject({ name: 'Ada' })
})
