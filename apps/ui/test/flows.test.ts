import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { keygen } from '@s3db-backup/encryption'
import { BackupPlugin } from '@s3db-backup/plugin'
import { expect, test } from 'vitest'
import { database, plugin, scratch, served, shop, visitor } from './scene.js'

type Visitor = Awaited<ReturnType<typeof visitor>>

/** The job once it has ended. */
async function ended({ json }: Visitor, id: string) {
  for (;;) {
    const job = await json(`/api/job?id=${id}`)
    if (job.state !== 'running') return job
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

const page = async (count = 5) => {
  const db = await shop(count)
  const backups = plugin(db)
  const { id } = await backups.backup('full')
  const server = await served({
    plugin: backups,
    database: { label: 'memory://bucket/shop' },
    allowWrites: true,
  })
  return { db, backups, id, server, visit: await visitor(server) }
}

test('an empty destination is reported as empty, and a missing one with its cause', async () => {
  const db = await shop(1)
  const { json } = await visitor(await served({ plugin: plugin(db) }))
  expect(await json('/api/home')).toMatchObject({ status: 200, answer: 'nothing', series: [], backups: 0 })
  const file = join(scratch(), 'file')
  writeFileSync(file, '')
  const wrong = plugin(db, { config: { path: join(file, 'backups') } })
  const there = await visitor(await served({ plugin: wrong }))
  const told = await there.json('/api/home')
  if (told.status !== 200) expect(told.problem.message).toContain(file)
  else expect(told.answer).toBe('nothing')
})

test('every page with backups is alarmed when all of them vanish, and calm again when they are back or were deleted from here', async () => {
  const path = join(scratch(), 'backups')
  const backups = plugin(await shop(1), { config: { path } })
  const { id } = await backups.backup('full')
  const server = await served({ plugin: backups })
  const { json } = await visitor(server)
  expect(await json('/api/home')).toMatchObject({ answer: 'yes' })
  renameSync(path, `${path}-unplugged`)
  await expect.poll(async () => (await json('/api/home')).answer).toBe('no')
  const alarm = expect.stringMatching(
    /^1 backup was here at .*, and none is left\. Is the destination connected\?$/,
  )
  expect((await json('/api/home')).concerns[0]).toMatchObject({ level: 'bad', text: alarm })
  expect(await json('/api/backups')).toMatchObject({ backups: [], gone: alarm })
  expect(await json('/api/schedule')).toMatchObject({ runs: [], gone: alarm })
  renameSync(`${path}-unplugged`, path)
  await expect.poll(async () => (await json('/api/home')).answer).toBe('yes')
  expect(await json('/api/backups')).toMatchObject({ backups: [{ id }], gone: null })
  expect(await json('/api/schedule')).toMatchObject({ runs: [{ id }], gone: null })
  await backups.deleteBackup(id)
  expect(await json('/api/home')).toMatchObject({ answer: 'nothing', concerns: [] })
})

test('home says that it can be restored, from when, and that no drill has run', async () => {
  const { visit, id } = await page()
  const home = await visit.json('/api/home')
  expect(home).toMatchObject({
    answer: 'yes',
    series: [{ name: 'customers', newest: { id }, restorable: 1, overdue: false }],
    lastDrill: null,
    concerns: [{ level: 'warn', text: expect.stringContaining('No restore has been tried') }],
  })
})

test('a schedule that did not run is overdue, and a drill is shown', async () => {
  const db = await shop(2)
  const backups = plugin(db, { schedule: [{ name: 'early', cron: '0 3 1 1 *', type: 'full' }] })
  const { id } = await backups.backup('full', { metadata: { schedule: ['early'] } })
  await backups.drills.run(id, { storeReport: true })
  const { json } = await visitor(await served({ plugin: backups }))
  expect(await json('/api/home')).toMatchObject({
    answer: 'yes',
    lastDrill: { ok: true },
    series: [{ overdue: false, schedule: expect.stringContaining('early') }],
  })
  expect(await json('/api/schedule')).toMatchObject({
    lines: [{ name: 'early', next: expect.any(String), previous: expect.any(String) }],
    drills: [{ ok: true }],
  })
})

test('a damaged backup is shown as damaged everywhere, and hides no other', async () => {
  const { backups, visit, id } = await page()
  const { path } = await backups.backup('full')
  writeFileSync(join(path, 's3db.json'), '{"format":')
  const { backups: list } = await visit.json('/api/backups')
  expect(list.map(({ state }: { state: string }) => state).sort()).toEqual(['complete', 'damaged'])
  const [damaged] = list.filter(({ state }: { state: string }) => state === 'damaged')
  expect(await visit.json('/api/home')).toMatchObject({ answer: 'partly', series: [{ newest: { id } }] })
  expect(await visit.json(`/api/backup?id=${damaged.id}`)).toMatchObject({
    status: 200,
    error: { code: 'corrupt' },
  })
  expect((await visit.json(`/api/resources?backup=${damaged.id}`)).problem.code).toBe('corrupt')
})

test('an encrypted backup without its key is listed as locked, and shows nothing of its content', async () => {
  const db = await shop(3)
  const path = scratch()
  const key = keygen()
  const encrypted = plugin(db, { config: { path }, encryption: { algorithm: 'AES-256-GCM', key } })
  const { id } = await encrypted.backup('full')
  const { json } = await visitor(await served({ plugin: plugin(db, { config: { path } }) }))
  expect(await json('/api/backups')).toMatchObject({
    backups: [{ id, encrypted: true, locked: true, records: null, resources: [] }],
  })
  expect(await json(`/api/backup?id=${id}`)).toMatchObject({ status: 200, backup: { locked: true } })
  expect((await json(`/api/resources?backup=${id}`)).problem.code).toBe('undecryptable')
  const withKey = await visitor(await served({ plugin: encrypted }))
  const text = JSON.stringify([await withKey.json(`/api/backup?id=${id}`), await withKey.json('/api/about')])
  expect(text).toContain('customers')
  expect(text).not.toContain(key)
})

test('names and ids of any kind are records like others', async () => {
  const db = await database()
  const names = ['__proto__', 'constructor', '<script>alert(1)</script>', 'x%2fy', 'a b', '\u202egpj.exe']
  const kept: string[] = []
  const notes = await db.createResource({ name: 'notes', attributes: { text: 'string' } })
  for (const id of names)
    try {
      await notes.insert({ id, text: `of ${id} <img src=x onerror=alert(1)>` })
      kept.push(id)
    } catch {
      // s3db.js does not accept every id.
    }
  const backups = plugin(db)
  const { id: backup } = await backups.backup('full')
  const { json } = await visitor(await served({ plugin: backups }))
  const { rows } = await json(`/api/records?${new URLSearchParams({ backup, resource: 'notes' })}`)
  expect(rows.map(({ id }: { id: string }) => id).sort()).toEqual([...kept].sort())
  for (const id of kept) {
    const query = new URLSearchParams({ backup, resource: 'notes', id })
    expect(await json(`/api/record?${query}`)).toMatchObject({ found: true })
    expect(await json(`/api/history?${query}`)).toMatchObject({ versions: [{ change: 'appeared' }] })
  }
  for (const resource of ['__proto__', 'constructor', '../notes', '', 'x\u0000'])
    expect((await json(`/api/records?${new URLSearchParams({ backup, resource })}`)).problem.code).toBe(
      'not_found',
    )
  for (const id of ['../notes', '__proto__', '%2e%2e'])
    expect((await json(`/api/backup?${new URLSearchParams({ id })}`)).problem.code).toMatch(
      /not_found|invalid_options/,
    )
})

test('a huge record is shown truncated', async () => {
  const db = await database()
  const notes = await db.createResource({
    name: 'notes',
    attributes: { text: 'string' },
    behavior: 'body-overflow',
  })
  await notes.insert({ id: 'big', text: 'x'.repeat(2_000_000) })
  const backups = plugin(db)
  const { id: backup } = await backups.backup('full')
  const { json, get } = await visitor(await served({ plugin: backups }))
  const page = await json(`/api/records?backup=${backup}&resource=notes`)
  expect(page.rows[0].cells[0].length).toBeLessThan(200)
  expect(await json(`/api/record?backup=${backup}&resource=notes&id=big`)).toMatchObject({ cut: true })
  expect((await get(`/api/record?backup=${backup}&resource=notes&id=big`)).body.length).toBeLessThan(600_000)
})

test('records are paged through, jumped to and filtered', async () => {
  const { visit, id } = await page(30)
  const first = await visit.json(`/api/records?backup=${id}&resource=customers&limit=12`)
  expect([first.rows.length, first.total]).toEqual([12, 30])
  const next = await visit.json(`/api/records?backup=${id}&resource=customers&limit=12&from=${first.next}`)
  expect(next.rows[0].id).toBe(first.next)
  const found = await visit.json(`/api/records?backup=${id}&resource=customers&field=name&holds=ZOË%2029`)
  expect(found.rows.map((row: { id: string }) => row.id)).toEqual(['c29'])
})

test('verify and drill run as jobs whose reports can be opened later', async () => {
  const { visit, id } = await page()
  expect((await visit.json('/api/home?known=1')).lastDrill).toBe(null)
  const verify = await visit.post('/api/verify', { id, level: 'full' })
  expect((await ended(visit, verify.id)).report).toMatchObject({ kind: 'verify', ok: true, records: 5 })
  const drill = await visit.post('/api/drill', { id })
  expect((await ended(visit, drill.id)).report).toMatchObject({ kind: 'drill', ok: true })
  expect((await visit.json('/api/jobs')).jobs.map((job: { kind: string }) => job.kind)).toEqual([
    'drill',
    'verify',
  ])
  for (const path of ['/api/home?known=1', '/api/home'])
    expect((await visit.json(path)).lastDrill).toMatchObject({ ok: true })
})

test('a restore needs a dry run and the name of the database, runs once, and writes what was shown', async () => {
  const { db, visit, id } = await page()
  const customers = await db.getResource('customers')
  await customers.update('c1', { name: 'another' })
  await customers.delete('c2')
  const asked = await visit.post('/api/dry-run', { backup: id, mode: 'merge' })
  const dry = await ended(visit, asked.id)
  expect(dry.report).toMatchObject({
    kind: 'dry-run',
    name: 'shop',
    sample: [
      {
        id: 'c1',
        change: 'changed',
        fields: expect.arrayContaining([{ field: 'name', from: '"another"', to: '"Zoë 1"' }]),
      },
      { id: 'c2', change: 'added' },
    ],
  })
  expect((await customers.get('c1')).name).toBe('another')
  expect((await visit.post('/api/restore', { dryRun: dry.id, name: 'shops' })).status).toBe(400)
  const both = await Promise.all([
    visit.post('/api/restore', { dryRun: dry.id, name: 'shop' }),
    visit.post('/api/restore', { dryRun: dry.id, name: 'shop' }),
  ])
  expect(both.map(({ status }) => status).sort()).toEqual([200, 409])
  const started = both.find(({ status }) => status === 200)
  const done = await ended(visit, started.id)
  expect(done).toMatchObject({ state: 'done', report: { kind: 'restore' } })
  expect((await customers.get('c1')).name).toBe('Zoë 1')
  expect(await customers.exists('c2')).toBe(true)
})

test('one record is restored, and no other is changed', async () => {
  const { db, visit, id } = await page()
  const customers = await db.getResource('customers')
  await customers.update('c1', { name: 'another' })
  await customers.update('c3', { name: 'stays' })
  const asked = await visit.post('/api/dry-run', {
    backup: id,
    mode: 'merge',
    resources: ['customers'],
    ids: ['c1'],
  })
  const dry = await ended(visit, asked.id)
  expect(dry.report.sample.map((one: { id: string }) => one.id)).toEqual(['c1'])
  const started = await visit.post('/api/restore', { dryRun: dry.id, name: 'shop' })
  await ended(visit, started.id)
  expect((await customers.get('c1')).name).toBe('Zoë 1')
  expect((await customers.get('c3')).name).toBe('stays')
})

test('a restore into a new database names it, and creates it only when started', async () => {
  const { visit, id } = await page()
  const target = `file://${scratch()}/elsewhere`
  const asked = await visit.post('/api/dry-run', { backup: id, mode: 'skip', target })
  const dry = await ended(visit, asked.id)
  expect(dry.report).toMatchObject({ name: 'elsewhere', target })
  const started = await visit.post('/api/restore', { dryRun: dry.id, name: 'elsewhere' })
  expect(await ended(visit, started.id)).toMatchObject({ state: 'done' })
  const there = await database(target)
  expect(await (await there.getResource('customers')).count()).toBe(5)
})

test('the log tells what went well, too: backups, restores and deletions', async () => {
  const { backups, visit, id } = await page()
  const second = await backups.backup('full')
  await backups.restore(id)
  await backups.deleteBackup(second.id)
  const { log } = await visit.json('/api/schedule')
  const texts: string[] = log.map(({ text }: { text: string }) => text)
  for (const text of [
    `Backup ${second.id} started`,
    `Backup ${second.id} is complete`,
    `Restore of ${id} has ended`,
    `Backup ${second.id} was deleted`,
  ])
    expect(texts).toContain(text)
})

test('the stream of a job reports its progress until it ends', async () => {
  const { visit, id } = await page()
  const { id: job } = await visit.post('/api/verify', { id, level: 'quick' })
  const { body, headers } = await visit.get(`/api/job/events?id=${job}`)
  expect(headers['content-type']).toContain('text/event-stream')
  expect(body.trim().split('\n').at(-1)).toContain('"state":"done"')
})

test('two backups are compared, and retention shows what it will do', async () => {
  const db = await shop(3)
  const backups = plugin(db, { retention: { keepLast: 1 } })
  const first = await new BackupPlugin({ ...backups.config, retention: undefined, database: db } as never)
    .backup('full')
    .catch(() => undefined)
  const from = first ?? (await backups.backup('full'))
  const customers = await db.getResource('customers')
  await customers.update('c1', { name: 'another' })
  const to = await plugin(db, { config: backups.config.config }).backup('full')
  const { json } = await visitor(await served({ plugin: backups }))
  expect(await json(`/api/compare?from=${from.id}&to=${to.id}`)).toMatchObject({
    resources: [{ name: 'customers', added: 0, changed: 1, removed: 0 }],
    sample: [{ id: 'c1', change: 'changed' }],
  })
  const plan = await json('/api/retention')
  expect(Object.keys(plan.kept)).toContain(to.id)
})

test('a backup removed while the page was open is reported as gone, not as damaged', async () => {
  const { backups, visit, id } = await page()
  const { path } = await backups.describe(id)
  const which = `backup=${id}&resource=customers&id=c1`
  const paths = ['resources', 'records', 'record', 'history'].map((one) => `/api/${one}?${which}`)
  for (const one of paths) expect([one, (await visit.json(one)).status]).toEqual([one, 200])
  rmSync(path, { recursive: true })
  for (const one of [`/api/backup?id=${id}`, ...paths])
    expect([one, (await visit.json(one)).problem?.code]).toEqual([one, 'not_found'])
  expect((await visit.post('/api/dry-run', { backup: id, mode: 'skip' })).problem.code).toBe('not_found')
})
