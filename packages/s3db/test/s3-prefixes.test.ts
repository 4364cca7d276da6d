import { expect, it } from 'vitest'
import { onS3, s3Server } from '../../../tooling/s3/test-server.ts'
import { recordVersions } from '../src/index.js'
import { backUp, call, open, ours, restoreInto } from './databases.js'

const s3 = await s3Server()

/*
 * s3db.js joins prefix and key like a path: with the prefix `a//b` its objects are below `a/b/`, and with `/a` their
 * keys begin with a slash.
 */
it.each(['two//slashes', '/first', '//first', 'last/', '/every//where//'])(
  'a database at the prefix %j is backed up, restored and asked for versions, each record of it',
  async (prefix) => {
    const bucket = await s3.anotherBucket()
    await bucket.versioning('Enabled')
    const database = await open(s3.address(prefix, bucket), onS3)
    const users = await database.createResource({
      name: 'users',
      attributes: { name: 'string' },
      partitions: { byName: { fields: { name: 'string' } } },
      asyncPartitions: false,
    })
    const ids = ['a', 'b', 'c']
    for (const id of ids) await users.insert({ id, name: id })

    const made = await backUp(database)
    expect(made.records).toBe(ids.length)
    expect(await recordVersions(ours(database), 'users', 'a', call)).toHaveLength(1)

    const copy = await open(s3.address(prefix, await s3.anotherBucket()), onS3)
    await restoreInto(copy, made)
    await users.insert({ id: 'later', name: 'later' })
    await restoreInto(database, made, { mode: 'replace' })
    for (const { resources } of [copy, database]) {
      expect((await resources.users?.listIds())?.sort()).toEqual(ids)
      const named = { partition: 'byName', partitionValues: { name: 'b' } }
      expect(await resources.users?.listIds(named)).toEqual(['b'])
    }
  },
)
