import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { compareIds, compareRecords } from './compare.js'
import { fill, findDifferences, partitionsOf, withDatabase } from './database.js'
import { demoResources } from './resources.js'

const before = [
  { id: 'a', name: 'Zoë', address: { city: 'Köln', geo: { lat: 50.9 } } },
  { id: 'b', name: 'José', tags: ['x', 'y'] },
]

test('equal records have no difference, whatever their order and s3db.js’s own fields', () => {
  expect(compareRecords('r', before, [{ ...before[1]!, _v: 'v1' }, before[0]!])).toEqual([])
})

test('a missing, an added, a duplicated and a changed record are each reported', () => {
  const [a, b] = [before[0]!, before[1]!]
  const changed = { ...a, address: { city: 'Köln', geo: { lat: 50.8 } } }
  expect(compareRecords('r', before, [changed, { id: 'c' }])).toEqual([
    { resource: 'r', id: 'a', what: 'address differs' },
    { resource: 'r', id: 'b', what: 'is missing' },
    { resource: 'r', id: 'c', what: 'was never inserted' },
  ])
  expect(compareRecords('r', before, [a, b, b])).toHaveLength(1)
  expect(compareRecords('r', before, [a, { ...b, extra: 1 }])).toEqual([
    { resource: 'r', id: 'b', what: 'extra differs' },
  ])
})

test('a partition that lists too much or too little is reported', () => {
  expect(compareIds('r', 'byCountry', ['a', 'b'], ['b', 'c'])).toEqual([
    { resource: 'r', id: 'a', what: 'is not listed in byCountry' },
    { resource: 'r', id: 'c', what: 'should not be listed in byCountry' },
  ])
})

test('s3db.js returns what the demo inserts, and the demo finds what was tampered with', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'demo test '))
  onTestFinished(() => rm(folder, { recursive: true }))
  const some = demoResources().map((resource) => ({ ...resource, records: resource.records.slice(0, 12) }))
  const watched = { signal: new AbortController().signal, onProgress: () => undefined }
  const differences = await withDatabase(folder, async (database) => {
    await fill(database, some, watched)
    const clean = await findDifferences(database, some, watched)
    const customers = await database.getResource('customers')
    await customers.update('customer-0003', { vip: !some[0]!.records[2]!.vip })
    await customers.delete('customer-0005')
    return { clean, after: await findDifferences(database, some, watched) }
  })
  expect(differences.clean).toEqual([])
  expect(differences.after).toEqual([
    { resource: 'customers', id: 'customer-0003', what: 'vip differs' },
    { resource: 'customers', id: 'customer-0005', what: 'is missing' },
    { resource: 'customers', id: 'customer-0005', what: 'is not listed in byCountry' },
  ])
})

test('every value of a partition is queried', () => {
  const orders = demoResources().find(({ name }) => name === 'orders')!
  expect(
    partitionsOf(orders)
      .map(({ values }) => values.status)
      .sort(),
  ).toEqual(['new', 'paid', 'returned', 'shipped'])
})
