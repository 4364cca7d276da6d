// Runs in a project that has the packages and some version of s3db.js: makes a full and an incremental backup,
// verifies them, restores them into a second database and compares every record.
import assert from 'node:assert/strict'
import { BackupPlugin } from '@s3db-backup/plugin'
import { Database } from 's3db.js'

async function open(connectionString) {
  const database = new Database({ connectionString, logLevel: 'silent' })
  await database.connect()
  return database
}
const attributes = {
  name: 'string|required',
  password: 'secret',
  born: 'number|optional',
  tags: 'array|items:string|optional',
}
const fieldsOf = (record) => ['id', ...Object.keys(attributes)].map((name) => record[name])

const shop = await open('file://./shop')
const backups = new BackupPlugin({ driver: 'filesystem', config: { path: './backups' } })
await shop.usePlugin(backups)
const partitions = { byName: { fields: { name: 'string' } } }
const users = await shop.createResource({ name: 'users', attributes, behavior: 'body-overflow', partitions })
for (let n = 0; n < 20; n += 1)
  await users.insert({ id: `u${n}`, name: `n${n % 3}`, password: `p${n}`, born: n, tags: ['a', 'b'] })
await backups.backup('full')
await users.update('u3', { born: 99 })
await users.delete('u4')
const { id } = await backups.backup('incremental')
assert.equal((await backups.verify(id)).ok, true)
await backups.restore(id, { target: 'file://./again' })

const again = await open('file://./again')
assert.deepEqual(Object.keys(again.resources), ['users'])
const ids = (await users.list({ limit: 100 })).map((record) => record.id)
assert.equal(ids.length, 19)
assert.equal(await again.resources.users.count(), ids.length)
for (const each of ids)
  assert.deepEqual(fieldsOf(await again.resources.users.get(each)), fieldsOf(await users.get(each)))
console.log(`${ids.length} records came back`)
process.exit()
