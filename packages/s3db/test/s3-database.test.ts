import { describe, expect, it } from 'vitest'
import { onS3, s3Server } from '../../../tooling/s3/test-server.ts'
import { backUp, address as localAddress, open, restoreInto, stored } from './databases.js'
import { answersOf, expectSecretsToWork, fillRichly, objectsOf, security } from './s3/rich-database.js'

const { address, anotherBucket, bucket, proxy, requests } = await s3Server()
const options = { ...onS3, security }

/** Answers that say that there is nothing: each of them costs a user of s3db.js seconds of retries. */
const misses = () => proxy.log.filter(({ status = 0 }) => status === 404 || status === 412)

describe('a database on S3 with one of everything', async () => {
  const elsewhere = await anotherBucket()
  const places = [
    ['another prefix of its bucket', () => address('rich/restored')],
    ['another bucket', () => address('deep/er/prefix', elsewhere)],
    ['memory', () => localAddress('memory')],
    ['files', () => localAddress('file')],
  ] as const

  it.each(places)('is restored exactly in %s, and from there on S3', async (_where, place) => {
    const source = await open(address(`rich/source-${_where.length}`), options)
    await fillRichly(source)
    const original = { answers: await answersOf(source), objects: await objectsOf(source) }
    const made = await backUp(source)
    expect(made.manifest.status).toBe('completed')

    const there = await open(place(), options)
    await restoreInto(there, made)
    expect(await objectsOf(there)).toEqual(original.objects)
    expect(await answersOf(there)).toEqual(original.answers)
    await expectSecretsToWork(there)

    const back = await open(address(`rich/back-${_where.length}`), options)
    await restoreInto(back, await backUp(there))
    expect(await objectsOf(back)).toEqual(original.objects)
    expect(await answersOf(back)).toEqual(original.answers)
    await expectSecretsToWork(back)
  })

  it('has its definitions, versions and counters after the restore', async () => {
    const source = await open(address('defined/source'), options)
    await fillRichly(source)
    const target = await open(address('defined/target'), options)
    await restoreInto(target, await backUp(source))
    const again = await open(address('defined/target'), options)
    for (const [name, { schema, config, behavior }] of Object.entries(source.resources)) {
      const restored = again.resources[name]
      expect(restored?.behavior).toBe(behavior)
      expect(restored?.schema.attributes).toEqual(schema.attributes)
      expect(restored?.schema.map).toEqual(schema.map)
      expect(restored?.config.partitions).toEqual(config.partitions)
    }
    const counter = 'resource=invoices/sequence=id/value'
    expect((await stored(again, counter)).get(counter)).toEqual((await stored(source, counter)).get(counter))
  })
})

describe('a database on S3 of 1,200 records', async () => {
  const records = 1_200

  it('is written with a request per record and read with one more per 1,000, and no missing key is requested', async () => {
    const local = await open(localAddress('memory'))
    const users = await local.createResource({ name: 'users', attributes: { name: 'string' } })
    for (let at = 0; at < records; at++) await users.insert({ id: `id-${at}`, name: `name ${at}` })

    const onServer = await open(address('paged'), options)
    await onServer.createResource({ name: 'users', attributes: { name: 'string' } })
    proxy.clear()
    const report = await restoreInto(onServer, await backUp(local))
    expect(report.resources.users).toMatchObject({ restored: records, failed: [] })
    // The first record is written twice, and the second write is refused: the server supports conditions.
    expect(requests()).toMatchObject({ put: records + 1, get: 0, head: 0, delete: 0 })
    expect(misses()).toMatchObject([{ request: expect.stringMatching(/^PUT .*\/data\/id(=|%3D)id-0/) }])
    expect((await bucket.keys('paged/resource=users/data/')).length).toBe(records)

    proxy.clear()
    const made = await backUp(onServer)
    expect(made.manifest.resources.users?.recordCount).toBe(records)
    // Listings: two pages of records; history, plugin data and counters of the resource; data of the database's
    // plugins; the names of resources. Reads: every record, one of them twice, to see that the quick way reads the same as the ordinary one;
    // the definitions at the beginning and at the end.
    expect(requests()).toEqual({ list: 2 + 3 + 1 + 1, get: records + 1 + 2, head: 0, put: 0, delete: 0 })
    expect(misses()).toEqual([])

    const back = await open(localAddress('memory'))
    await restoreInto(back, made)
    expect(await stored(back, 'resource=')).toEqual(await stored(local, 'resource='))
  })

  it('is never mixed up with a database whose prefix starts the same', async () => {
    const one = await open(address('pre'), options)
    const two = await open(address('pre2'), options)
    const pairs = [
      [one, 'one'],
      [two, 'two'],
    ] as const
    for (const [database, name] of pairs) {
      const users = await database.createResource({ name: 'users', attributes: { name: 'string' } })
      for (const id of ['a', name]) await users.insert({ id, name })
    }
    const untouched = await stored(two, 'resource=')
    const made = await backUp(one)
    expect(made.manifest.resources.users?.recordCount).toBe(2)
    await one.resources.users?.insert({ id: 'later', name: 'one' })
    const report = await restoreInto(one, made, { mode: 'replace' })
    expect(report.resources.users).toMatchObject({ replaced: 2, removed: 1 })
    expect((await one.resources.users?.listIds())?.sort()).toEqual(['a', 'one'])
    expect(await stored(two, 'resource=')).toEqual(untouched)
  })
})
