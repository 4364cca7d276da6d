import { brotli, type Codec, deflate, zstd } from '@s3db-backup/core'
import { encryption, keygen } from '@s3db-backup/encryption'
import { describe, expect, it } from 'vitest'
import {
  byId,
  type Database,
  memory,
  opened,
  recordsByCore,
  recordsBySql,
  rowsOf,
  takeAll,
  withoutNulls,
} from './backups.js'

const attributes = {
  name: 'string|required',
  age: 'number',
  active: 'boolean',
  joined: 'datetime',
  born: 'dateonly',
  tags: 'array|items:string',
  address: { city: 'string', zip: 'string' },
  secret: 'secret',
  vector: 'embedding:3',
  price: 'money:4',
}

const users: Database = {
  users: {
    attributes,
    rows: [
      {
        id: 'ann',
        name: 'Ann',
        age: 42,
        active: true,
        joined: '2024-03-15T14:30:45.123Z',
        born: '1980-02-29',
        tags: ['a', 'b'],
        address: { city: 'Berlin', zip: '10115' },
        secret: 'U2FsdGVk',
        vector: [0.1, 0.2, 0.3],
        price: 12.3456,
      },
      { id: 'ben', name: 'Ben', age: null, more: { unknown: [1, 'x'] } },
    ],
  },
}

it('shows a resource as a table: the id first, columns typed as the backup defines them', async () => {
  const driver = memory()
  const session = await opened({ driver, id: await takeAll(driver, [users]) })
  const { columns, batches } = await session.query('SELECT * FROM users ORDER BY id')
  expect(columns).toEqual([
    { name: 'id', type: 'VARCHAR' },
    { name: 'name', type: 'VARCHAR' },
    { name: 'age', type: 'DOUBLE' },
    { name: 'active', type: 'BOOLEAN' },
    { name: 'joined', type: 'TIMESTAMP' },
    { name: 'born', type: 'DATE' },
    { name: 'tags', type: 'VARCHAR[]' },
    { name: 'address', type: 'JSON' },
    { name: 'secret', type: 'VARCHAR' },
    { name: 'vector', type: 'DOUBLE[]' },
    { name: 'price', type: 'DOUBLE' },
    { name: '_rest', type: 'JSON' },
  ])
  const rows = []
  for await (const batch of batches) rows.push(...batch)
  const nothing = Array(8).fill(null)
  expect(rows).toEqual([
    [...Object.values(users.users!.rows[0]!), null],
    ['ben', 'Ben', null, ...nothing, { more: { unknown: [1, 'x'] } }],
  ])
})

it('supports SQL: grouping, times, lists, nested values, parameters', async () => {
  const driver = memory()
  const session = await opened({ driver, id: await takeAll(driver, [users]) })
  expect(await rowsOf(session, 'SELECT count(*), sum(age) FROM users')).toEqual([[2, 42]])
  expect(await rowsOf(session, "SELECT id FROM users WHERE joined > TIMESTAMP '2024-03-01'")).toEqual([
    ['ann'],
  ])
  expect(await rowsOf(session, "SELECT id FROM users WHERE list_contains(tags, 'b')")).toEqual([['ann']])
  expect(
    await rowsOf(session, "SELECT address->>'city' FROM users WHERE id = $1", { params: ['ann'] }),
  ).toEqual([['Berlin']])
  expect(await rowsOf(session, 'SELECT id FROM users WHERE age > $least', { params: { least: 40 } })).toEqual(
    [['ann']],
  )
  expect(await rowsOf(session, 'SELECT born + INTERVAL 1 DAY FROM users WHERE born IS NOT NULL')).toEqual([
    ['1980-03-01T00:00:00.000Z'],
  ])
})

it.each([
  ["TIMESTAMP '2024-03-15 14:30:45.123456'", '2024-03-15T14:30:45.123456Z'],
  ["TIMESTAMPTZ '2024-03-15 14:30:45+02'", '2024-03-15T12:30:45.000Z'],
  ['to_timestamp(1710513045.5)', '2024-03-15T14:30:45.500Z'],
  ["TIMESTAMP_S '2024-03-15 14:30:45'", '2024-03-15T14:30:45.000Z'],
  ["TIMESTAMP_MS '1969-12-31 23:59:59.999'", '1969-12-31T23:59:59.999Z'],
  ["TIMESTAMP_NS '2024-03-15 14:30:45.123456789'", '2024-03-15T14:30:45.123456789Z'],
  ["TIMESTAMP_NS '1960-01-01 00:00:00.000000001'", '1960-01-01T00:00:00.000000001Z'],
  ["TIMESTAMP 'infinity'", 'infinity'],
  ["TIMESTAMPTZ '-infinity'", '-infinity'],
])('a time of any type of DuckDB is ISO 8601 in UTC: %s', async (sql, expected) => {
  const driver = memory()
  const session = await opened({ driver, id: await takeAll(driver, [users]) })
  expect(await rowsOf(session, `SELECT ${sql}, [${sql}], {'a': ${sql}}`)).toEqual([
    [expected, [expected], { a: expected }],
  ])
})

it('reads only the resources that the SQL names, and each part once', async () => {
  const driver = memory()
  const id = await takeAll(driver, [{ ...users, orders: { rows: [{ id: 'o1' }] } }])
  const session = await opened({ driver, id })
  driver.reads.length = 0
  await rowsOf(session, 'SELECT * FROM users')
  await rowsOf(session, 'SELECT count(*) FROM Users')
  expect(driver.reads.filter((key) => key.endsWith('.jsonl.gz'))).toEqual([
    expect.stringContaining('users.jsonl.gz'),
  ])
  expect(await rowsOf(session, "SELECT * FROM query_table('orders')")).toEqual([['o1', null]])
})

it('reads all tables if the SQL names one indirectly', async () => {
  const driver = memory()
  const id = await takeAll(driver, [{ ...users, orders: { rows: [{ id: 'o1' }] } }])
  const session = await opened({ driver, id })
  expect(await rowsOf(session, "SELECT id FROM query('SELECT id FROM ' || 'orders')")).toEqual([['o1']])
  expect(await rowsOf(session, 'SELECT count(*) FROM users')).toEqual([[2]])
})

it.each([
  "SELECT users.id FROM users JOIN query('FROM others') AS o USING (id) ORDER BY id",
  "SELECT o.id FROM query('FROM others') AS o JOIN users USING (id) WHERE o.n > 1 ORDER BY 1",
  "SELECT id FROM users WHERE id NOT IN (SELECT id FROM query('FROM others') WHERE n = 2) ORDER BY id",
  "SELECT id FROM users WHERE EXISTS (FROM query_table('others') AS o WHERE o.id = users.id) ORDER BY id",
  "SELECT users.id, n FROM users LEFT JOIN query_table('others') AS o USING (id) WHERE n IS NULL ORDER BY 1",
  "SELECT id FROM users UNION ALL SELECT id FROM query('FROM others') ORDER BY id",
  "SELECT count(*) FROM (FROM users LIMIT 5000) UNION ALL SELECT n FROM query('FROM others') ORDER BY 1",
  "SELECT i FROM (SELECT i, i::VARCHAR AS id FROM range(20000) AS r(i)) UNION ALL BY NAME FROM query_table('others')",
])('a table that is named indirectly has all of its rows, whatever is done with them: %s', async (sql) => {
  const driver = memory()
  const rows = ['a', 'b', 'c'].map((id, n) => ({ id, n }))
  const state = {
    users: { rows: [...rows, { id: 'only in users' }] },
    others: { attributes: { n: 'number' }, rows },
  }
  const id = await takeAll(driver, [state])
  const first = await rowsOf(await opened({ driver, id }), sql)
  const whole = await opened({ driver, id })
  for (const name of ['users', 'others']) await rowsOf(whole, `FROM ${name}`)
  expect(first).toEqual(await rowsOf(whole, sql))
  expect(first.length).toBeGreaterThan(0)
})

it.each<readonly [string, Codec[]]>([
  ['nothing', []],
  ['deflate', [deflate()]],
  ['brotli', [brotli()]],
  ['zstd', [zstd()]],
])('reads parts that were compressed with %s', async (_, codecs) => {
  const driver = memory()
  const id = await takeAll(driver, [users], { codecs })
  const session = await opened({ driver, id })
  expect(await rowsOf(session, 'SELECT name FROM users ORDER BY id')).toEqual([['Ann'], ['Ben']])
})

describe('a chain', () => {
  const states: Database[] = [
    { users: { rows: ['a', 'b', 'c', 'd'].map((id) => ({ id, n: 1 })) } },
    { users: { rows: ['a', 'b', 'd', 'e'].map((id) => ({ id, n: id === 'b' ? 2 : 1 })) } },
    { users: { rows: ['a', 'c', 'd', 'e'].map((id) => ({ id, n: id === 'a' ? 3 : 1 })) } },
  ]

  it('shows the state at its end', async () => {
    const driver = memory()
    const id = await takeAll(driver, states)
    const session = await opened({ driver, id })
    expect(byId(await recordsBySql(session, 'users'))).toEqual(states[2]!.users!.rows)
    expect(session.tables()[0]!.records).toBe(4)
  })

  it('is decrypted if it is encrypted', async () => {
    const driver = memory()
    const key = encryption({ algorithm: 'AES-256-GCM', key: keygen() })
    const id = await takeAll(driver, states, { encryption: key })
    const session = await opened({ driver, id, encryption: key })
    expect(byId(await recordsBySql(session, 'users'))).toEqual(
      withoutNulls(await recordsByCore({ driver, id, encryption: key }, 'users')),
    )
  })
})
