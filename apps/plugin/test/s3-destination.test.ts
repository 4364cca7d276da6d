import { describe, expect, it } from 'vitest'
import { onS3, s3Server } from '../../../tooling/s3/test-server.ts'
import { BackupPlugin } from '../src/index.js'
import { connected, failure, filled, memoryAddress } from './scene.js'

const { address, anotherBucket, bucket, endpoint, proxy } = await s3Server()
const today = () => new Date().toISOString().slice(0, 10)

/** A database on S3 with some users, and a plugin that keeps its backups in S3. */
async function shop(prefix: string, config: Record<string, unknown>) {
  const database = await filled(5, { connectionString: address(prefix), ...onS3 })
  return { database, plugin: new BackupPlugin({ database, driver: 's3', config }) }
}

async function recordsOf(connectionString: string): Promise<unknown[]> {
  const database = await connected({ connectionString, ...onS3 })
  const users = database.resources.users
  const ids = (await users?.listIds()) ?? []
  const records = []
  for (const id of ids.sort()) {
    const record = (await users?.get(id)) ?? {}
    records.push({ id, name: Reflect.get(record, 'name'), n: Reflect.get(record, 'n') })
  }
  return records
}

const fiveUsers = [0, 1, 2, 3, 4].map((n) => ({ id: `u${n}`, name: `Zoë ${n}`, n }))

describe('backups of a database on S3', () => {
  it("go to the database's own bucket, with its keys and its server, if nothing else is said", async () => {
    const { plugin } = await shop('own/db', { path: 'own-backups/{date}/' })
    const made = await plugin.backup('full')
    const folder = `own-backups/${today()}/${made.id}`
    expect(made.path).toBe(`s3://${bucket.name}/${folder}`)
    expect(made.driverInfo).toMatchObject({ type: 's3', bucket: bucket.name, path: made.path })
    expect(await bucket.keys('own-backups/')).toEqual(
      expect.arrayContaining([`${folder}/s3db.json`, `${folder}/users.jsonl.gz`]),
    )
    await plugin.restore(made.id, { target: address('own/restored') })
    expect(await recordsOf(address('own/restored'))).toEqual(fiveUsers)
    await plugin.restore(made.id, { target: 'sibling' })
    expect(await recordsOf(address('own/sibling'))).toEqual(fiveUsers)
  })

  it('go to another bucket with the same keys if only the bucket is said', async () => {
    const other = await anotherBucket()
    const { plugin } = await shop('other/db', { bucket: other.name, prefix: 'kept' })
    const { id, path } = await plugin.backup('full')
    expect(path).toBe(`s3://${other.name}/kept/${id}`)
    expect(await other.keys('kept/')).toContain(`kept/${id}/s3db.json`)
    await plugin.restore(id, { target: address('other/restored', other) })
    expect(await recordsOf(address('other/restored', other))).toEqual(fiveUsers)
  })

  it('go through a client of the AWS SDK that was given, which stays open', async () => {
    const database = await filled(5, { connectionString: address('client/db'), ...onS3 })
    const client = Reflect.get(database.client, 'client')
    const plugin = new BackupPlugin({
      driver: 's3',
      database,
      config: { bucket: bucket.name, path: 'by-client', client },
    })
    const { id } = await plugin.backup('full')
    expect(await plugin.verify(id)).toMatchObject({ ok: true })
    await plugin.stop()
    expect(await database.resources.users?.count()).toBe(5)
  })

  it('are neither data of the database nor databases, even in the same place', async () => {
    for (const [at, path] of ['mixed-0', 'mixed-1/backups', ''].entries()) {
      const { database, plugin } = await shop(`mixed-${at}`, { path })
      const first = await plugin.backup('full')
      const second = await plugin.backup('full')
      expect([second.records, second.resources]).toEqual([first.records, ['users']])
      const listed = (await plugin.list()).filter(({ id }) => id === first.id || id === second.id)
      expect(listed.map(({ status }) => status)).toEqual(['completed', 'completed'])
      expect((await plugin.list()).every(({ status }) => status === 'completed')).toBe(true)
      await database.resources.users?.insert({ id: 'later', name: 'x', n: 1 })
      const { resources } = await plugin.restore(first.id, { mode: 'replace' })
      expect(resources.users).toMatchObject({ removed: 1 })
      expect(await plugin.verify(second.id)).toMatchObject({ ok: true })
      for (const { id } of listed) await plugin.deleteBackup(id)
      expect(await recordsOf(address(`mixed-${at}`))).toEqual(fiveUsers)
    }
  })
})

describe('documented options', () => {
  it('storageClass is for the parts, and never for the manifest', async () => {
    const { plugin } = await shop('cold/db', { path: 'cold-backups', storageClass: 'STANDARD_IA' })
    const { id, driverInfo } = await plugin.backup('full')
    expect(driverInfo).toMatchObject({ storageClass: 'STANDARD_IA' })
    const classOf = async (file: string) =>
      (await bucket.head(`cold-backups/${id}/${file}`)).get('x-amz-storage-class') ?? 'STANDARD'
    expect(await classOf('users.jsonl.gz')).toBe('STANDARD_IA')
    expect(await classOf('s3db.json')).toBe('STANDARD')
  })

  it('serverSideEncryption and kmsKeyId apply to every object', async ({ skip }) => {
    const { kmsKeyId } = endpoint
    skip(kmsKeyId === undefined, 'the server has no KMS key')
    const config = { path: 'sealed-backups', serverSideEncryption: 'aws:kms', kmsKeyId }
    const { plugin } = await shop('sealed/db', config)
    const { id } = await plugin.backup('full')
    const keys = await bucket.keys(`sealed-backups/${id}/`)
    expect(keys.length).toBeGreaterThan(1)
    for (const key of keys)
      expect((await bucket.head(key)).get('x-amz-server-side-encryption')).toBe('aws:kms')
    expect(await plugin.verify(id)).toMatchObject({ ok: true })
  })

  it('everything can be configured, for a database that is not on S3', async () => {
    const database = await filled(5)
    const config = {
      bucket: bucket.name,
      prefix: 'said/{year}/{month}',
      region: endpoint.region,
      endpoint: endpoint.url,
      credentials: endpoint.credentials,
      forcePathStyle: true,
    }
    const plugin = new BackupPlugin({ database, driver: 's3', config })
    const { id, path } = await plugin.backup('full')
    expect(path).toBe(`s3://${bucket.name}/said/${today().slice(0, 7).replace('-', '/')}/${id}`)
    expect(plugin.driver.getStorageInfo().config).not.toHaveProperty('credentials')
    const target = await connected({ connectionString: memoryAddress() })
    await plugin.restore(id, { target })
    expect(await target.resources.users?.count()).toBe(5)
  })

  it('no description of the driver has a secret of the configuration', async () => {
    const key = Buffer.alloc(32, 'k').toString('base64')
    const plugin = new BackupPlugin({
      driver: 's3',
      config: {
        bucket: 'b',
        sseCustomerKey: key,
        credentials: { accessKeyId: 'i', secretAccessKey: 'hunter2' },
      },
    })
    const shown = JSON.stringify(plugin.driver.getStorageInfo())
    expect(shown).not.toContain('hunter2')
    expect(shown).not.toContain(key)
  })
})

it('a network failure during the upload leaves nothing; the next backup is complete', async () => {
  const { plugin } = await shop('broken/db', { path: 'broken-backups' })
  proxy.add({ match: /^PUT \S*broken-backups\S*users/, fault: { kind: 'reset' } })
  expect(await failure(() => plugin.backup('full'))).toMatchObject({ code: 'unavailable' })
  const left = await bucket.keys('broken-backups/')
  expect(left).toEqual([expect.stringMatching(/\/failed\.json$/)])
  expect(await bucket.openUploads()).toEqual([])
  proxy.clear()
  const { id } = await plugin.backup('full')
  expect(await plugin.verify(id)).toMatchObject({ ok: true })
})
