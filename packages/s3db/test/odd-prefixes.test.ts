import { expect, it } from 'vitest'
import { onS3, s3Server } from '../../../tooling/s3/test-server.ts'
import { address, backUp, open, openNew, restoreInto, scratch } from './databases.js'

const s3 = await s3Server()

const prefixes = ['a//b', 'a///b/', '/a', './a', 'a/./b', 'a/c/../b', 'a+b %25c/(ü)', 'resource=users/data']

async function comesBack(connectionString: string, options = {}) {
  const source = await open(connectionString, options)
  const users = await source.createResource({
    name: 'users',
    attributes: { name: 'string', at: 'string' },
    partitions: { byName: { fields: { name: 'string' } } },
    asyncPartitions: false,
  })
  await users.insert({ id: 'ada', name: 'Ada', at: connectionString })
  const target = await openNew()
  await restoreInto(target, await backUp(source))
  expect(await target.resources.users?.get('ada')).toMatchObject({ name: 'Ada', at: connectionString })
}

it.each(prefixes)('a database on S3 under the prefix %j is backed up', async (prefix) =>
  comesBack(s3.address(prefix, await s3.anotherBucket()), onS3),
)

it.each(prefixes)('a database in memory under the prefix %j is backed up', (prefix) =>
  comesBack(`${address('memory')}/${prefix}`),
)

it.each(['a//b', './a', 'a/./b'])('a database in a folder whose path has %j is backed up', (prefix) =>
  comesBack(`file://${scratch()}/${prefix}`),
)
