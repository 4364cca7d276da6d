import { Database } from './products.mjs'
import { idOf, recordOf } from './records.mjs'

export { idOf, recordOf } from './records.mjs'

/** A database in memory with so many records, stored as s3db.js stores them, without its checks. */
export async function openDatabase(records) {
  const database = new Database({
    connectionString: `memory://bench-${process.pid}-${records}-${Math.random()}`,
    logLevel: 'silent',
    exitOnSignal: false,
  })
  await database.connect()
  const users = await database.createResource({
    name: 'users',
    attributes: { name: 'string', email: 'string', city: 'string', age: 'number', note: 'string' },
    timestamps: false,
    behavior: 'body-overflow',
  })
  for (let i = 0; i < records; i++) await write(database, users, i, recordOf(i))
  return { database, users, write: (i, record) => write(database, users, i, record) }
}

async function write({ client }, users, i, record) {
  const metadata = { ...(await users.schema.mapper(record)), _v: users.version }
  await client.putObject({
    key: `resource=users/data/id=${idOf(i)}`,
    metadata,
    body: '',
    contentType: undefined,
  })
}

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

/** Makes a client in memory answer as S3 does: pages of 1,000, whole seconds, and so many ms for each request. */
export function likeS3(client, delay) {
  const list = client.listObjects.bind(client)
  const read = client.getObject.bind(client)
  const listings = new Map()
  client.config.endpoint = 'http://s3.bench'
  client.listObjects = async ({ prefix, continuationToken }) => {
    await wait(delay)
    // The client sorts all keys for each listing; here sorting once for all pages is enough.
    if (continuationToken === undefined) {
      const { Contents } = await list({ prefix, maxKeys: 2_147_483_647 })
      for (const entry of Contents) entry.LastModified.setMilliseconds(0)
      listings.set(prefix, Contents)
    }
    const contents = listings.get(prefix)
    const from = Number(continuationToken ?? 0)
    const more = from + 1000 < contents.length
    return {
      Contents: contents.slice(from, from + 1000),
      IsTruncated: more,
      NextContinuationToken: more ? String(from + 1000) : undefined,
    }
  }
  client.getObject = async (key) => {
    await wait(delay)
    return read(key)
  }
}

/** Lists all records of the database as a backup has to, and does nothing with them. */
export async function listAll({ client }, paged) {
  let token
  do {
    const page = await client.listObjects({
      prefix: 'resource=users/data/id=',
      maxKeys: paged ? 1000 : 2_147_483_647,
      continuationToken: token,
    })
    token = page.IsTruncated ? page.NextContinuationToken : undefined
  } while (token !== undefined)
}
