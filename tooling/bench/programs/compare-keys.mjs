// Compares a listing of the given number of keys, made page by page, with a key index of the same records; one in
// 10,000 changed.
import { peakMiB } from '../../test/peak-memory.ts'
import { idOf } from '../database.mjs'
import { Database, databaseSource } from '../products.mjs'

const records = Number(process.argv[2])
const base = Date.UTC(2024, 0, 1)
const timeOf = (i) => base + i * 10_000
const isChanged = (i) => i % 10_000 === 0

const database = new Database({
  connectionString: `memory://compare-${process.pid}`,
  logLevel: 'silent',
  exitOnSignal: false,
})
await database.connect()
await database.createResource({ name: 'users', attributes: { name: 'string' } })
const { client } = database
client.config.endpoint = 'http://s3.bench'
client.listObjects = async ({ prefix, continuationToken }) => {
  const from = Number(continuationToken ?? 0)
  const to = Math.min(records, from + 1000)
  const Contents = []
  for (let i = from; i < to; i++)
    Contents.push({ Key: `${prefix}${idOf(i)}`, LastModified: new Date(timeOf(i)), Size: 0 })
  return { Contents, IsTruncated: to < records, NextContinuationToken: to < records ? String(to) : undefined }
}
const getObject = client.getObject.bind(client)
// The definitions come from the database itself.
client.getObject = async (key) =>
  key === 's3db.json' ? getObject(key) : { Metadata: { 0: 'x', _v: 'v1' }, ContentLength: 0 }

async function* index() {
  for (let from = 0; from < records; from += 1000) {
    const marks = []
    for (let i = from; i < Math.min(records, from + 1000); i++)
      marks.push({ id: idOf(i), modified: isChanged(i) ? 0 : timeOf(i), hash: '47DEQpj8HBQ' })
    yield marks
  }
}

let changed = 0
const { signal } = new AbortController()
const since = { index: index(), cursor: { newest: timeOf(records) + 60_000 } }
for await (const batch of databaseSource(database).read('users', { since, signal }))
  changed += batch.rows.length
if (changed !== Math.ceil(records / 10_000)) throw new Error(`${changed} changed`)
console.log(JSON.stringify({ peakMiB: peakMiB() }))
process.exit(0)
