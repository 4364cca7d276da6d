import { isDeepStrictEqual } from 'node:util'
import { BackupPlugin } from '@s3db-backup/plugin'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { connected, fileAddress, install, memoryAddress, scratch } from '../../../apps/plugin/test/scene.ts'
import { type Bucket, makeBucket } from '../../s3/bucket.ts'
import { type Endpoint, openEndpoint } from '../../s3/endpoint.ts'
import { byProfile, record } from '../record.ts'
import { everyString, strings } from './strings.ts'

// Through a real database and a real destination. Records that s3db.js itself refuses or alters before any backup do
// not count: a record must look after the restore as s3db.js showed it before the backup.

let endpoint: Endpoint
let bucket: Bucket
beforeAll(async () => {
  endpoint = await openEndpoint()
  bucket = await makeBucket(endpoint)
})
afterAll(async () => {
  await bucket.remove()
  await endpoint.close()
})

const destinations = {
  'a directory': () => ({ driver: 'filesystem', config: { path: scratch() } }),
  'an S3 server': () => ({
    driver: 's3',
    config: {
      ...{ bucket: bucket.name, region: endpoint.region, endpoint: endpoint.url },
      ...{ forcePathStyle: true, credentials: endpoint.credentials, path: 'näme with spaces/日' },
    },
  }),
}
const addresses = { memory: memoryAddress, file: fileAddress }

/** Names that s3db.js takes for resources, and that mean something elsewhere. */
const names = ['texts', 'CON', 'Zoë', '日本', 's3db.json', 'keys.json', 'a b', 'index', '😀']

type Database = Awaited<ReturnType<typeof connected>>

async function fill(database: Database): Promise<Map<string, string[]>> {
  const ids = new Map<string, string[]>()
  const attributes = {
    text: 'string|optional',
    list: 'array|items:string|optional',
    tree: 'json|optional',
  } as const
  for (const [index, name] of names.entries()) {
    const resource = await database.createResource({ name, attributes, behavior: 'body-overflow' })
    const texts = index === 0 ? chosen : (strings['half characters'] ?? []).slice(0, 2).concat(name)
    const taken: string[] = []
    for (const [number, text] of texts.entries()) {
      const fields = { text, list: [text, 'x'], tree: { value: text, [`k${number}`]: [text] } }
      for (const id of [`n${number}`, text].slice(0, index === 0 ? 2 : 1)) {
        // A file name cannot contain NUL: s3db.js keeps such an id in memory only, and a restore names and refuses
        // it.
        if (id === '' || id.includes('\0') || taken.includes(id)) continue
        const inserted = await resource.insert({ id, ...fields }).catch(() => undefined)
        if (inserted !== undefined && (await shown(database, name, id)) !== undefined) taken.push(id)
      }
    }
    ids.set(name, taken)
  }
  return ids
}

/** Every string in the long profile; in the short one the shorter half of each category. */
const chosen = byProfile({
  short: Object.values(strings).flatMap((all) => all.filter((text, n) => n % 3 === 0 && text.length < 100)),
  long: everyString,
})

/** A record as the database gives it, without what the storage says of the object. */
async function shown(database: Database, name: string, id: string): Promise<unknown> {
  try {
    const resource = await database.getResource(name)
    const { _lastModified, _etag, _versionId, ...record } = await resource.get(id)
    return record
  } catch {
    return undefined
  }
}

let tried = 0

it.each(
  Object.entries(destinations).flatMap(([where, options]) =>
    Object.entries(addresses).map(([kind, address]) => [kind, where, address, options] as const),
  ),
)('every string comes back to a %s:// database by way of %s', async (_kind, _where, address, options) => {
  const database = await connected({ connectionString: address() })
  const ids = await fill(database)
  const plugin = new BackupPlugin({ ...options() })
  await install(database, plugin)
  const metadata = { note: '日\u2028😀', '__proto__ ': 'x', 'naïve "key"': "it's" }
  const { id } = await plugin.backup('full', { metadata })
  expect((await plugin.describe(id)).manifest.metadata).toEqual(metadata)
  const other = await connected({ connectionString: address() })
  await plugin.restore(id, { target: other })
  for (const [name, all] of ids) {
    expect(all.length, name).toBeGreaterThan(0)
    for (const record of all) {
      const [before, after] = [await shown(database, name, record), await shown(other, name, record)]
      if (!isDeepStrictEqual(after, before))
        expect(after, `${name} ${JSON.stringify(record)}`).toEqual(before)
      tried += 1
    }
  }
})

afterAll(() =>
  record({
    suite: 'unicode',
    what: 'records of troublesome strings, through s3db.js, a directory and S3',
    tried,
    ended: { 'came back exactly': tried },
  }),
)
