import { expect, it } from 'vitest'
import { onS3, s3Server } from '../../../tooling/s3/test-server.ts'
import { address, backUp, open, restoreInto, scratch, stored } from './databases.js'

const s3 = await s3Server()

const prefixes = ['a//b', 'a///b/', '/a', './a', 'a/./b', 'a/c/../b', 'a+b %25c/(ü)', 'resource=users/data']

async function comesBack(connectionString: string, options = {}, into = address('memory')) {
  const source = await open(connectionString, options)
  const users = await source.createResource({
    name: 'users',
    attributes: { name: 'string', at: 'string' },
    partitions: { byName: { fields: { name: 'string' } } },
    asyncPartitions: false,
  })
  for (const id of ['ada', 'é ü+', 'zoe'])
    await users.insert({ id, name: `Name ${id}`, at: connectionString })
  const target = await open(into, options)
  await restoreInto(target, await backUp(source))
  const there = await stored(target, 'resource=')
  expect(there.size).toBe(6)
  expect(there).toEqual(await stored(source, 'resource='))
  expect(await target.resources.users?.get('ada')).toMatchObject({ name: 'Name ada', at: connectionString })
}

it.each(prefixes)(
  'a database on S3 under the prefix %j is backed up, and restored to one',
  async (prefix) => {
    const [from, to] = [await s3.anotherBucket(), await s3.anotherBucket()]
    await comesBack(s3.address(prefix, from), onS3, s3.address(prefix, to))
  },
)

it.each(prefixes)('a database in memory under the prefix %j is backed up', (prefix) =>
  comesBack(`${address('memory')}/${prefix}`),
)

it.each(['a//b', './a', 'a/./b'])('a database in a folder whose path has %j is backed up', (prefix) =>
  comesBack(`file://${scratch()}/${prefix}`),
)
