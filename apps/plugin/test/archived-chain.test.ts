import { backup, type Encryption, type IndexEntry, openCatalog, type Source } from '@s3db-backup/core'
import { contentHash } from '@s3db-backup/core/internal'
import { s3 } from '@s3db-backup/driver-s3'
import { encryption, keygen } from '@s3db-backup/encryption'
import { afterAll, expect, it } from 'vitest'
import { s3Server } from '../../../tooling/s3/test-server.ts'

const { bucket, endpoint } = await s3Server()
const driver = s3({
  bucket: bucket.name,
  region: endpoint.region,
  endpoint: endpoint.url,
  credentials: endpoint.credentials,
  storageClass: 'GLACIER',
})
afterAll(() => driver.close?.())

type Row = { readonly id: string; readonly n: number }

/** A database that says what changed. */
const database = (rows: readonly Row[]): Source => ({
  incremental: true,
  describe: async () => ({
    database: { bucket: 'shop' },
    resources: [{ name: 'users', attributes: {}, partitions: {}, timestamps: false }],
  }),
  async *read(_resource, { since }) {
    const before = new Map<string, IndexEntry>()
    for await (const marks of since?.index ?? []) for (const mark of marks) before.set(mark.id, mark)
    yield { rows: rows.filter((row) => before.get(row.id)?.hash !== contentHash(JSON.stringify(row))) }
  },
})

const first = { id: 'a', n: 1 }

const key = { encryption: encryption({ algorithm: 'AES-256-GCM', key: keygen() }) }

it.each([
  ['a plain', {}],
  ['an encrypted', key],
] satisfies [string, { encryption?: Encryption }][])(
  '%s backup whose parts are archived at once can be a parent',
  async (_, given) => {
    const full = await backup({ source: database([first]), driver, ...given })
    const source = database([first, { id: 'b', n: 2 }])
    const next = await backup({ source, driver, incremental: { since: full.id }, ...given })
    expect(next.manifest.parent).toBe(full.id)
    expect(next.manifest.resources.users?.recordCount).toBe(1)
  },
)

it('the manifest of an encrypted backup shows the kind of each part without the key', async () => {
  const { id } = await backup({ source: database([first]), driver, ...key })
  const { manifest } = await openCatalog(driver).get(id)
  expect(manifest.parts.map(({ kind }) => kind).sort()).toEqual(['index', 'keys', 'part'])
  expect(manifest.parts.map(({ holds }) => holds)).toEqual(['', '', ''])
})
