import { backup, restore } from '@s3db-backup/core'
import { memory } from '@s3db-backup/driver-testkit'
import { describe, expect, it } from 'vitest'
import { onS3, s3Server } from '../../../tooling/s3/test-server.ts'
import {
  applyUndo,
  databaseAt,
  databaseSource,
  databaseTarget,
  planUndo,
  recover,
  snapshotSource,
} from '../src/index.js'
import { listVersions } from '../src/versions/list-versions.js'
import { call, got, open, openNew, ours } from './databases.js'

const clock = { now: Date.now() }
const s3 = await s3Server(process.env, { now: () => clock.now })
const isLocal = s3.server === 'local'

/** Lets the storage's clock go on: by setting it where it is ours, by waiting where it is not. */
async function goOn(ms: number, real: number): Promise<Date> {
  const before = Date.now()
  if (isLocal) clock.now += ms
  else await new Promise((resolve) => setTimeout(resolve, real))
  return new Date(isLocal ? clock.now - ms / 2 : before + real / 2)
}

/** A moment between what is written before and after. */
const moment = () => goOn(7000, 400)
/** Until a moment is far enough behind. */
const later = () => goOn(7000, 6200)

async function versioned(prefix: string) {
  const bucket = await s3.anotherBucket()
  await bucket.versioning('Enabled')
  const address = s3.address(prefix, bucket)
  return { bucket, address, database: await open(address, onS3) }
}

describe('a database as of a moment', () => {
  it('has its content of that time, after changes, deletions and insertions', async () => {
    const { database } = await versioned('app')
    const users = await database.createResource({
      name: 'users',
      attributes: { name: 'string|required', n: 'number' },
      behavior: 'body-overflow',
    })
    for (let i = 0; i < 60; i++) await users.insert({ id: `u${i}`, name: `Name ${i}`, n: 1 })
    const at = await moment()
    for (let i = 0; i < 30; i++) await users.replace(`u${i}`, { name: `Name ${i}`, n: 2 })
    for (let i = 30; i < 40; i++) await users.delete(`u${i}`)
    for (let i = 60; i < 70; i++) await users.insert({ id: `u${i}`, name: 'late', n: 9 })
    for (let i = 35; i < 38; i++) await users.insert({ id: `u${i}`, name: 'again', n: 3 })
    await later()
    s3.proxy.clear()
    const driver = memory()
    const made = await backup({ source: databaseAt(ours(database), at), driver })
    const { get } = s3.requests()
    const listings = s3.proxy.log.filter(({ request }) => /[?&]versions(=|&|$)/.test(request)).length
    // One listing for the definitions, one for the records, and one for each place of counters and plugin data.
    expect(listings).toBe(6)
    expect(get).toBeLessThanOrEqual(60 + 3)
    expect(made.manifest.asOf).toBe(at.toISOString())
    expect(made.records).toBe(60)
    const target = await openNew('memory')
    await restore({ driver, id: made.id, target: databaseTarget(ours(target)) })
    const restored = target.resources.users
    for (let i = 0; i < 60; i++)
      expect(await restored?.get(`u${i}`)).toMatchObject({ name: `Name ${i}`, n: 1 })
  })
})

async function withUsers(prefix: string) {
  const made = await versioned(prefix)
  const users = await made.database.createResource({
    name: 'users',
    attributes: { name: 'string|required', region: 'string' },
    partitions: { byRegion: { fields: { region: 'string' } } },
    asyncPartitions: false,
    behavior: 'body-overflow',
  })
  return { ...made, users }
}

const readAt = async (database: unknown, at: Date) => {
  const source = databaseAt(ours(database), at)
  await source.describe(call)
  const rows: unknown[] = []
  const lost: unknown[] = []
  for (const name of ['users', ':objects'])
    for await (const batch of source.read(name, call)) {
      rows.push(...batch.rows)
      lost.push(...(batch.lost ?? []), ...(batch.lostWithoutId ?? []))
    }
  return { rows, lost }
}

describe('an unreadable past is refused with its cause', () => {
  it('a bucket without versions, and one with suspended versions', async () => {
    const bucket = await s3.anotherBucket()
    const database = await open(s3.address('app', bucket), onS3)
    const at = await later()
    await expect(readAt(database, at)).rejects.toMatchObject({ code: 'unsupported' })
    await bucket.versioning('Suspended')
    await expect(readAt(database, at)).rejects.toThrow('suspended')
  })

  it('a database that is not in a bucket', async () => {
    await expect(readAt(await openNew('memory'), new Date(0))).rejects.toMatchObject({ code: 'unsupported' })
  })

  it('a time before the first version, and one too close to the clock of the storage', async () => {
    const { database } = await withUsers('app')
    await later()
    const early = new Date(Date.now() - 3_600_000)
    await expect(readAt(database, early)).rejects.toMatchObject({ code: 'not_found' })
    const late = new Date(isLocal ? clock.now - 3000 : Date.now() - 2000)
    await expect(readAt(database, late)).rejects.toMatchObject({ code: 'invalid_options' })
  })

  it('a listing that breaks off or is circular', async () => {
    const { database } = await withUsers('app')
    const at = await moment()
    await later()
    const change = (rewrite: (body: string) => string) =>
      s3.proxy.add({ match: /^(?=.*[?&]versions)(?=.*data)/, fault: { kind: 'rewritten-answer', rewrite } })
    change((body) => body.replace('<IsTruncated>false', '<IsTruncated>true'))
    await expect(readAt(database, at)).rejects.toMatchObject({ code: 'unavailable' })
    s3.proxy.clear()
    change((body) =>
      body.replace(
        '<IsTruncated>false</IsTruncated>',
        '<IsTruncated>true</IsTruncated><NextKeyMarker>a</NextKeyMarker>',
      ),
    )
    await expect(readAt(database, at)).rejects.toThrow('same markers twice')
    s3.proxy.clear()
    change((body) => body.slice(0, -20))
    await expect(readAt(database, at)).rejects.toThrow('not a whole one')
    s3.proxy.clear()
    change((body) => body.replace('<IsTruncated>false</IsTruncated>', ''))
    await expect(readAt(database, at)).rejects.toThrow('not a whole one')
    s3.proxy.clear()
  })
})

describe('a page whose next marker is beyond its last entry', () => {
  it('loses nothing: the listing continues after the last entry seen', async () => {
    const { database, users } = await withUsers('app')
    for (let id = 0; id < 7; id++) {
      await users.insert({ id: `u${id}`, name: 'one', region: 'eu' })
      await users.replace(`u${id}`, { name: 'two', region: 'eu' })
    }
    const beyond = (body: string) => body.replace(/(?<=<NextKeyMarker>)[^<]*/, 'zzz')
    s3.proxy.add({ match: /[?&]versions/, fault: { kind: 'rewritten-answer', rewrite: beyond } })
    const seen: string[] = []
    const pages = listVersions(ours(database).client, 'resource=users/data/', call, 3)
    for await (const { entries } of pages) seen.push(...entries.map(({ key }) => key))
    s3.proxy.clear()
    const expected = [0, 1, 2, 3, 4, 5, 6].flatMap((id) => Array(2).fill(`resource=users/data/id=u${id}`))
    expect(seen).toEqual(expected)
  })
})

describe('a bucket with MFA delete', () => {
  it('is read and undone like any other: no version is ever deleted', async () => {
    const { database, users } = await withUsers('app')
    for (const id of ['a', 'b']) await users.insert({ id, name: id, region: 'eu' })
    const at = await moment()
    await users.replace('a', { name: 'spoilt', region: 'us' })
    await users.delete('b')
    await users.insert({ id: 'new', name: 'new', region: 'eu' })
    await later()
    const rewrite = (body: string) => body.replace('<Status>', '<MfaDelete>Enabled</MfaDelete><Status>')
    s3.proxy.add({ match: /^GET \S*[?&]versioning/, fault: { kind: 'rewritten-answer', rewrite } })
    const refused = { kind: 'answer', status: 403, code: 'AccessDenied' } as const
    s3.proxy.add({ match: /^DELETE \S*[?&]versionId/, fault: refused })
    expect((await readAt(database, at)).rows).toMatchObject([{ id: 'a', name: 'a' }, { id: 'b' }])
    const plan = await planUndo(ours(database), at, {}, call)
    const report = await applyUndo(ours(database), plan, { created: true }, call)
    s3.proxy.clear()
    expect(report.get('users')).toMatchObject({ broughtBack: ['a', 'b'], removed: ['new'], failed: [] })
  })
})

describe('a version that is gone', () => {
  it('is named as lost if it was deleted later or a rule may have removed it, and never counted as absent', async () => {
    const { database, bucket, users } = await withUsers('app')
    for (const id of ['a', 'b', 'c']) await users.insert({ id, name: id, region: 'x' })
    const at = await moment()
    await users.delete('a')
    await users.replace('b', { name: 'later', region: 'x' })
    await users.insert({ id: 'new', name: 'new', region: 'x' })
    await later()
    const removeFirst = async (id: string) => {
      const versions = await bucket.versions(`app/resource=users/data/id=${id}`)
      const first = versions.at(-1)
      if (first !== undefined) await bucket.removeVersion(first)
    }
    await removeFirst('a')
    await removeFirst('b')
    const { rows, lost } = await readAt(database, at)
    expect(rows).toMatchObject([{ id: 'c' }])
    expect(lost).toMatchObject([{ id: 'a' }])
    if (!isLocal) return
    await bucket.lifecycle(
      '<LifecycleConfiguration><Rule><Status>Enabled</Status><Filter><Prefix></Prefix></Filter><NoncurrentVersionExpiration><NoncurrentDays>1</NoncurrentDays></NoncurrentVersionExpiration></Rule></LifecycleConfiguration>',
    )
    const before = clock.now
    clock.now += 86_400_000 + 60_000
    const after = await readAt(database, at)
    // First what nothing is known of, of the records and of the data of plugins.
    expect(after.lost).toMatchObject([
      { count: null },
      { id: 'a' },
      { id: 'b', reason: expect.stringContaining('lifecycle') },
      { id: 'new' },
      { count: null },
    ])
    clock.now = before
  })

  it('is lost if it was written and overwritten without versions', async () => {
    const bucket = await s3.anotherBucket()
    const database = await open(s3.address('app', bucket), onS3)
    const users = await database.createResource({ name: 'users', attributes: { name: 'string' } })
    await later()
    await users.insert({ id: 'a', name: 'one' })
    await later()
    await bucket.versioning('Enabled')
    await users.insert({ id: 'b', name: 'one' })
    const at = await moment()
    await users.insert({ id: 'c', name: 'one' })
    await later()
    expect(await readAt(database, at)).toMatchObject({ rows: [{ id: 'a' }, { id: 'b' }], lost: [] })
    const [version] = await bucket.versions('app/resource=users/data/id=a')
    const early = new Date((version?.modified ?? 0) - 1)
    const { rows, lost } = await readAt(database, early)
    expect(rows).toEqual([])
    expect(lost).toContainEqual({ id: 'a', reason: expect.stringContaining('overwrote') })
  })

  it('is found below 10,000 newer ones of the same key, with one listing per thousand', async () => {
    const { database, users } = await withUsers('app')
    await users.insert({ id: 'a', name: 'first', region: 'x' })
    const at = await moment()
    const client = ours(database).client
    // A real server takes minutes for that many.
    const newer = isLocal ? 10_000 : 2500
    for (let written = 0; written < newer; written += 50)
      await Promise.all(
        Array.from({ length: 50 }, () =>
          client.putObject({ key: 'resource=users/data/id=a', metadata: { _v: 'v1' }, body: '' }),
        ),
      )
    await later()
    s3.proxy.clear()
    expect(await readAt(database, at)).toMatchObject({ rows: [{ id: 'a', name: 'first' }], lost: [] })
    const listings = s3.proxy.log.filter(({ request }) => /^(?=.*[?&]versions)(?=.*data)/.test(request))
    // Ceph returns shorter pages for a key with that many versions.
    if (isLocal) expect(listings.length).toBe(Math.ceil((newer + 1) / 1000))
  })
})

describe('undo', () => {
  it('restores what was changed and deleted, with its references, and leaves what was created', async () => {
    const { database, users } = await withUsers('app')
    for (const id of ['a', 'b', 'c', 'd']) await users.insert({ id, name: id, region: 'eu' })
    const at = await moment()
    await users.replace('a', { name: 'spoilt', region: 'us' })
    await users.delete('b')
    await users.insert({ id: 'new', name: 'new', region: 'eu' })
    await users.replace('d', { name: 'd', region: 'eu' })
    await later()
    const plan = await planUndo(ours(database), at, {}, call)
    expect(plan.steps).toMatchObject([
      { id: 'a', change: 'changed', fields: ['name', 'region'] },
      { id: 'b', change: 'deleted' },
      { id: 'new', change: 'created' },
    ])
    await users.replace('c', { name: 'somebody', region: 'eu' })
    const report = await applyUndo(ours(database), plan, {}, call)
    expect(report.get('users')).toMatchObject({ broughtBack: ['a', 'b'], changedMeanwhile: [], failed: [] })
    expect(await got(users, 'a')).toMatchObject({ name: 'a', region: 'eu' })
    expect(await got(users, 'c')).toMatchObject({ name: 'somebody' })
    const inUs = await users.listIds({ partition: 'byRegion', partitionValues: { region: 'us' } })
    expect(inUs).toEqual([])
    const inEu = await users.listIds({ partition: 'byRegion', partitionValues: { region: 'eu' } })
    expect(inEu.sort()).toEqual(['a', 'b', 'c', 'd', 'new'])
  })

  it('removes created records only on request', async () => {
    const { database, users } = await withUsers('app')
    await users.insert({ id: 'old', name: 'old', region: 'eu' })
    const at = await moment()
    await users.insert({ id: 'new', name: 'new', region: 'eu' })
    await later()
    const plan = await planUndo(ours(database), at, {}, call)
    const report = await applyUndo(ours(database), plan, { created: true }, call)
    expect(report.get('users')).toMatchObject({ removed: ['new'], changedMeanwhile: [] })
    expect(await users.listIds()).toEqual(['old'])
    const inEu = await users.listIds({ partition: 'byRegion', partitionValues: { region: 'eu' } })
    expect(inEu).toEqual(['old'])
  })

  it('keeps a record that another writer changed after the plan, and says so', async () => {
    const { database, users } = await withUsers('app')
    for (const id of ['a', 'b']) await users.insert({ id, name: id, region: 'eu' })
    const at = await moment()
    for (const id of ['a', 'b']) await users.replace(id, { name: 'spoilt', region: 'eu' })
    await later()
    const plan = await planUndo(ours(database), at, {}, call)
    await users.replace('a', { name: 'mended by hand', region: 'eu' })
    const report = await applyUndo(ours(database), plan, {}, call)
    expect(report.get('users')).toMatchObject({ broughtBack: ['b'], changedMeanwhile: ['a'] })
    expect(await got(users, 'a')).toMatchObject({ name: 'mended by hand' })
  })

  it('restores a record that another writer changed just before', async () => {
    const { database, users } = await withUsers('app')
    await users.insert({ id: 'a', name: 'a', region: 'eu' })
    const at = await moment()
    await users.replace('a', { name: 'spoilt', region: 'eu' })
    await later()
    const plan = await planUndo(ours(database), at, {}, call)
    const { client } = ours(database)
    const put = client.putObject.bind(client)
    let pending = true
    const hasty: typeof client.putObject = async (object) => {
      if (pending && object.key.includes('/data/')) {
        pending = false
        await users.replace('a', { name: 'in between', region: 'eu' })
      }
      return put(object)
    }
    Reflect.set(client, 'putObject', hasty)
    const report = await applyUndo(ours(database), plan, {}, call)
    Reflect.set(client, 'putObject', put)
    expect(report.get('users')).toMatchObject({ broughtBack: [], changedMeanwhile: ['a'] })
    expect(await got(users, 'a')).toMatchObject({ name: 'in between' })
  })
})

describe('recover', () => {
  it('writes the past database, or some of its records, into another one', async () => {
    const { database, users } = await withUsers('app')
    for (const id of ['a', 'b', 'c']) await users.insert({ id, name: id, region: 'eu' })
    const at = await moment()
    await users.deleteMany(['a', 'b', 'c'])
    await later()
    const into = async (ids?: string[]) => {
      const target = await openNew('memory')
      const source = databaseAt(ours(database), at)
      const options = {
        choose: (names: readonly string[]) => names,
        ids,
        mode: 'skip' as const,
        dryRun: false,
      }
      const reports = await recover(source, databaseTarget(ours(target)), options, call)
      expect(reports.get('users')).toMatchObject({ lost: [], failed: [] })
      return target.resources.users?.listIds()
    }
    expect((await into())?.sort()).toEqual(['a', 'b', 'c'])
    expect(await into(['b', 'nobody'])).toEqual(['b'])
  })
})

describe('a backup of one moment', () => {
  it('records the moment, and builds on backups of the present, never of the past', async () => {
    const { database, users } = await withUsers('app')
    for (const id of ['a', 'b', 'c']) await users.insert({ id, name: id, region: 'eu' })
    const at = await moment()
    await later()
    const driver = memory()
    const source = (incremental: boolean) => snapshotSource(ours(database), { snapshot: 'auto', incremental })
    const first = await backup({ source: source(false), driver })
    expect(first.manifest.asOf).toMatch(/\.999Z$/)
    await users.replace('a', { name: 'other', region: 'eu' })
    await users.delete('b')
    await later()
    const second = await backup({ source: source(true), driver, type: 'incremental', incremental: {} })
    expect(second.manifest).toMatchObject({
      parent: first.id,
      resources: { users: { recordCount: 1, deletedCount: 1 } },
    })
    const past = await backup({ source: databaseAt(ours(database), at), driver })
    expect(past.manifest.set).not.toBe(first.manifest.set)
    await users.replace('c', { name: 'other', region: 'eu' })
    const live = databaseSource(ours(database))
    const third = await backup({ source: live, driver, type: 'incremental', incremental: {} })
    expect(third.manifest).toMatchObject({ parent: second.id, resources: { users: { recordCount: 1 } } })
    const target = await openNew('memory')
    await restore({ driver, id: third.id, target: databaseTarget(ours(target)) })
    expect((await target.resources.users?.listIds())?.sort()).toEqual(['a', 'c'])
  })

  it('is not made if versions cannot be listed, and says why', async () => {
    const { database, users } = await withUsers('app')
    await users.insert({ id: 'a', name: 'a', region: 'eu' })
    const warnings: string[] = []
    const onWarning = ({ code }: { readonly code: string }) => warnings.push(code)
    s3.proxy.add({ match: /versions=/, fault: { kind: 'answer', status: 403, code: 'AccessDenied' } })
    const source = snapshotSource(ours(database), { snapshot: 'auto', incremental: false, onWarning })
    const made = await backup({ source, driver: memory() })
    s3.proxy.clear()
    expect(made.manifest.asOf).toBeUndefined()
    expect(made.records).toBe(1)
    expect(warnings).toEqual(['snapshot_not_taken'])
  })
})

describe('a deploy that also changed definitions', () => {
  it('that added an attribute is undone, and its records keep their other form', async () => {
    const { database, users } = await withUsers('app')
    await users.insert({ id: 'a', name: 'a', region: 'eu' })
    const at = await moment()
    const changed = await database.createResource({
      name: 'users',
      attributes: { name: 'string|required', region: 'string', more: 'string|optional' },
      partitions: { byRegion: { fields: { region: 'string' } } },
      asyncPartitions: false,
      behavior: 'body-overflow',
    })
    await changed.replace('a', { name: 'spoilt', region: 'us', more: 'more' })
    await later()
    const plan = await planUndo(ours(database), at, {}, call)
    expect(plan).toMatchObject({ steps: [{ id: 'a', fields: ['more', 'name', 'region'] }], refused: {} })
    const report = await applyUndo(ours(database), plan, {}, call)
    expect(report.get('users')).toMatchObject({ broughtBack: ['a'], failed: [] })
    expect(await got(changed, 'a')).toMatchObject({ name: 'a', region: 'eu' })
  })

  it('is not undone for a resource whose attribute has a new meaning, and no record of it is changed', async () => {
    const { database, users } = await withUsers('app')
    await users.insert({ id: 'a', name: 'a', region: 'eu' })
    const at = await moment()
    const changed = await database.createResource({
      name: 'users',
      attributes: { name: 'number|required', region: 'string' },
      behavior: 'body-overflow',
    })
    await changed.replace('a', { name: 5, region: 'us' })
    await later()
    const plan = await planUndo(ours(database), at, {}, call)
    const refused = expect.stringContaining('name')
    expect(plan.refused).toEqual({ users: refused })
    const report = await applyUndo(ours(database), plan, {}, call)
    expect(report.get('users')).toMatchObject({ broughtBack: [], refused })
    expect(await got(changed, 'a')).toMatchObject({ name: 5 })
  })

  it('that removed a resource is undone, with the records of the resource', async () => {
    const { database, users, address } = await withUsers('app')
    await users.insert({ id: 'a', name: 'a', region: 'eu' })
    const at = await moment()
    await users.delete('a')
    const file = await ours(database).client.getObject('s3db.json')
    const saved = JSON.parse(Buffer.from((await file.Body?.transformToByteArray?.()) ?? []).toString())
    delete saved.resources.users
    await ours(database).client.putObject({ key: 's3db.json', metadata: {}, body: JSON.stringify(saved) })
    await later()
    const again = await open(address, onS3)
    expect(Object.keys(again.resources)).toEqual([])
    const plan = await planUndo(ours(again), at, {}, call)
    const report = await applyUndo(ours(again), plan, {}, call)
    expect(report.get('users')).toMatchObject({ broughtBack: ['a'] })
    expect(await again.resources.users?.get('a')).toMatchObject({ name: 'a' })
  })
})

describe('whatever the database is like', () => {
  it('it is read with the default client of s3db.js, at the root of a bucket', async () => {
    const bucket = await s3.anotherBucket()
    await bucket.versioning('Enabled')
    const address = s3.address('', bucket).replace(/\/$/, '')
    const database = await open(address, onS3)
    const users = await database.createResource({ name: 'users', attributes: { name: 'string' } })
    for (let i = 0; i < 50; i++) await users.insert({ id: `u${i}`, name: 'x' })
    const at = await moment()
    await users.insert({ id: 'late', name: 'late' })
    await later()
    const plain = await open(address)
    const { rows, lost } = await readAt(plain, at)
    expect({ rows: rows.length, lost }).toEqual({ rows: 50, lost: [] })
  })
})

describe('a right that is missing, or a version that cannot be read', () => {
  it('is named: listing versions, and reading them', async () => {
    const { database, users } = await withUsers('app')
    await users.insert({ id: 'a', name: 'a', region: 'eu' })
    const at = await moment()
    await later()
    const denied = { kind: 'answer', status: 403, code: 'AccessDenied' } as const
    s3.proxy.add({ match: /[?&]versions/, fault: denied })
    const suggestion = (right: string) => ({ suggestion: expect.stringContaining(right) })
    await expect(readAt(database, at)).rejects.toMatchObject(suggestion('s3:ListBucketVersions'))
    s3.proxy.clear()
    s3.proxy.add({ match: /[?&]versionId=/, fault: denied })
    await expect(readAt(database, at)).rejects.toMatchObject(suggestion('s3:GetObjectVersion'))
    const warnings: string[] = []
    const onWarning = ({ message }: { readonly message: string }) => warnings.push(message)
    const source = snapshotSource(ours(database), { snapshot: 'auto', incremental: false, onWarning })
    expect((await backup({ source, driver: memory() })).records).toBe(1)
    expect(warnings).toMatchObject([expect.stringMatching(/Access ?denied/i)])
    s3.proxy.clear()
  })

  it('matters for an incremental backup, as do many versions, but not for a full one', async () => {
    const { database, users } = await withUsers('app')
    await users.insert({ id: 'a', name: 'a', region: 'eu' })
    for (const name of ['b', 'c', 'd']) await users.replace('a', { name, region: 'eu' })
    await later()
    const driver = memory()
    const warnings: string[] = []
    const onWarning = ({ message }: { readonly message: string }) => warnings.push(message)
    const source = (incremental: boolean) =>
      snapshotSource(ours(database), { snapshot: 'auto', incremental, onWarning })
    expect((await backup({ source: source(false), driver })).manifest.asOf).toBeDefined()
    expect(warnings).toEqual([])
    const options = { driver, type: 'incremental', incremental: {} }
    expect((await backup({ source: source(true), ...options })).manifest.asOf).toBeUndefined()
    expect(warnings).toMatchObject([expect.stringContaining('4.0 versions for each record')])
  })

  it('does not stop a backup of one moment of a younger database', async () => {
    const { database, users } = await withUsers('app')
    await users.insert({ id: 'a', name: 'a', region: 'eu' })
    const source = snapshotSource(ours(database), { snapshot: 'auto', incremental: false })
    const { manifest, records } = await backup({ source, driver: memory() })
    expect({ asOf: manifest.asOf, records }).toEqual({ asOf: undefined, records: 1 })
  })

  it('loses an archived version by name and restores the others', async () => {
    const { database, users } = await withUsers('app')
    for (const id of ['a', 'b']) await users.insert({ id, name: id, region: 'eu' })
    const at = await moment()
    for (const id of ['a', 'b']) await users.replace(id, { name: 'spoilt', region: 'eu' })
    await later()
    const archived = { kind: 'answer', status: 403, code: 'InvalidObjectState' } as const
    s3.proxy.add({ match: /id%3Da\?.*versionId=/, fault: archived })
    const { rows, lost } = await readAt(database, at)
    expect({ rows, lost }).toMatchObject({ rows: [{ id: 'b' }], lost: [{ id: 'a' }] })
    const plan = await planUndo(ours(database), at, {}, call)
    expect(plan.steps).toMatchObject([
      { id: 'a', change: 'unknown' },
      { id: 'b', change: 'changed' },
    ])
    const report = await applyUndo(ours(database), plan, {}, call)
    expect(report.get('users')).toMatchObject({ broughtBack: ['b'], failed: [{ id: 'a' }] })
    s3.proxy.clear()
  })
})
