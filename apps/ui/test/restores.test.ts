import { expect, onTestFinished, test, vi } from 'vitest'
import { jobs } from '../src/server/work/jobs.js'
import { ask, database, plugin, scratch, served, shop, visitor } from './scene.js'

type Visitor = Awaited<ReturnType<typeof visitor>>

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
  const options = { plugin: backups, database: { label: 'memory://bucket/shop' }, allowWrites: true }
  const server = await served(options)
  return { db, backups, id, options, server, visit: await visitor(server) }
}

test('a mistyped database name starts nothing, and does not use up the dry run', async () => {
  const { visit, id } = await page()
  const dry = await ended(visit, (await visit.post('/api/dry-run', { backup: id, mode: 'merge' })).id)
  for (const name of [
    'Shop',
    ' shop',
    'shop ',
    'shop\u200b',
    '',
    'shop/../shop',
    'memory://bucket/shop',
    '*',
    '__proto__',
  ])
    expect([name, (await visit.post('/api/restore', { dryRun: dry.id, name })).status]).toEqual([name, 400])
  for (const name of [true, null, ['shop'], { toString: 'shop' }])
    expect((await visit.post('/api/restore', { dryRun: dry.id, name })).status).toBe(400)
  expect((await visit.post('/api/restore', { dryRun: dry.id, name: 'shop' })).status).toBe(200)
})

test('two dry runs of the same database start one restore at a time, however its address is spelt', async () => {
  const { visit, id } = await page(300)
  const target = `file://${scratch()}/elsewhere`
  const spelt = [
    target,
    `${target}/`,
    target.replace('/elsewhere', '/./elsewhere'),
    target.replace('where', '%77here'),
  ]
  const runs = []
  for (const one of spelt)
    runs.push(
      await ended(visit, (await visit.post('/api/dry-run', { backup: id, mode: 'skip', target: one })).id),
    )
  const started = await Promise.all(
    runs.map(({ id: dryRun, report }) => visit.post('/api/restore', { dryRun, name: report.name })),
  )
  expect(started.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409])
  const [one] = started.filter(({ status }) => status === 200)
  expect(await ended(visit, one.id)).toMatchObject({ state: 'done' })
})

test('after a restart the old session and its dry runs are gone, and a stopped restore can be run again', async () => {
  const { visit, id, server, options } = await page(400)
  const target = `file://${scratch()}/again`
  const dry = await ended(visit, (await visit.post('/api/dry-run', { backup: id, mode: 'merge', target })).id)
  await visit.post('/api/restore', { dryRun: dry.id, name: 'again' })
  await server.close()
  const port = Number(new URL(server.url).port)
  const second = await served({ ...options, port })
  expect(second.url).toBe(server.url)
  expect((await visit.json('/api/about')).status).toBe(401)
  const back = await visitor(second)
  expect((await back.post('/api/restore', { dryRun: dry.id, name: 'again' })).problem).toMatchObject({
    code: 'not_found',
    suggestion: expect.stringContaining('may have restarted'),
  })
  const anew = await ended(back, (await back.post('/api/dry-run', { backup: id, mode: 'merge', target })).id)
  const started = await back.post('/api/restore', { dryRun: anew.id, name: 'again' })
  expect(await ended(back, started.id)).toMatchObject({ state: 'done' })
  const there = await database(target)
  expect(await (await there.getResource('customers')).count()).toBe(400)
})

test('a dry run that failed, was stopped, or was another job starts nothing', async () => {
  const { visit, id, server } = await page()
  const verify = await ended(visit, (await visit.post('/api/verify', { id, level: 'quick' })).id)
  const failed = await ended(
    visit,
    (await visit.post('/api/dry-run', { backup: id, mode: 'skip', target: 's3://k:s@127.0.0.1:1' })).id,
  )
  for (const job of [verify, failed])
    expect((await visit.post('/api/restore', { dryRun: job.id, name: 'shop' })).status).toBe(400)
  for (const dryRun of ['', '__proto__', 'constructor'])
    expect((await visit.post('/api/restore', { dryRun, name: 'shop' })).status).toBe(404)
  const { headers } = visit
  expect((await ask(`${server.url}/api/restore`, { method: 'POST', headers, body: '[' })).status).toBe(400)
})

test('a dry run of more than an hour ago starts nothing: the database may have changed', async () => {
  const { visit, id } = await page()
  const dry = await ended(visit, (await visit.post('/api/dry-run', { backup: id, mode: 'merge' })).id)
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 61 * 60 * 1000 })
  onTestFinished(() => void vi.useRealTimers())
  expect(await visit.post('/api/restore', { dryRun: dry.id, name: 'shop' })).toMatchObject({
    status: 409,
    problem: { message: expect.stringContaining('more than an hour old'), suggestion: 'Make a new dry run.' },
  })
  const anew = await ended(visit, (await visit.post('/api/dry-run', { backup: id, mode: 'merge' })).id)
  expect((await visit.post('/api/restore', { dryRun: anew.id, name: 'shop' })).status).toBe(200)
})

test('a restore that would remove or replace more than its dry run showed is refused, and writes nothing', async () => {
  const { db, visit, id } = await page()
  const customers = await db.getResource('customers')
  await customers.delete('c1')
  const changes = [
    { mode: 'replace', change: () => customers.insert({ id: 'new', name: 'a new customer', visits: 1 }) },
    { mode: 'merge', change: () => customers.insert({ id: 'c1', name: 'entered again', visits: 1 }) },
  ]
  for (const { mode, change } of changes) {
    const dry = await ended(visit, (await visit.post('/api/dry-run', { backup: id, mode })).id)
    await change()
    const { id: started } = await visit.post('/api/restore', { dryRun: dry.id, name: 'shop' })
    expect(await ended(visit, started)).toMatchObject({
      state: 'failed',
      report: null,
      error: { code: 'conflict', message: expect.stringContaining('has changed since the dry run') },
    })
  }
  expect((await customers.get('c1')).name).toBe('entered again')
  expect(await customers.exists('new')).toBe(true)
})

test('a restore that adds only what is missing goes on, whatever was added since its dry run', async () => {
  const { db, visit, id } = await page()
  const customers = await db.getResource('customers')
  await customers.delete('c1')
  const dry = await ended(visit, (await visit.post('/api/dry-run', { backup: id, mode: 'skip' })).id)
  await customers.insert({ id: 'c1', name: 'entered again', visits: 1 })
  const { id: started } = await visit.post('/api/restore', { dryRun: dry.id, name: 'shop' })
  expect((await ended(visit, started)).state).toBe('done')
  expect((await customers.get('c1')).name).toBe('entered again')
})

test('the progress of a job stays small, however many files a backup has', async () => {
  const work = jobs()
  const { id } = work.start({
    ...{ kind: 'verify', title: 'Verify', backup: 'x', by: 'link' },
    async work({ progress }) {
      for (let n = 0; n < 1000; n++) progress(`part-${n}`, n, 1000)
      throw new Error('over')
    },
  })
  const { progress = [] } = work.get(id) ?? {}
  expect(progress.length).toBeLessThanOrEqual(20)
  expect(progress.at(-1)).toEqual({ name: 'part-999', done: 999, of: 1000 })
  await work.close()
})
