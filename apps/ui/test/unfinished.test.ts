import { EventEmitter, once } from 'node:events'
import { BackupError } from '@s3db-backup/core'
import { expect, test } from 'vitest'
import { jobs } from '../src/server/work/jobs.js'
import { plugin, scratch, served, shop, visitor } from './scene.js'

/* What people are told of work that did not come to its end. */

type Visitor = Awaited<ReturnType<typeof visitor>>

async function ended({ json }: Visitor, id: string) {
  for (;;) {
    const job = await json(`/api/job?id=${id}`)
    if (job.state !== 'running') return job
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

const page = async () => {
  const db = await shop(5)
  const orders = await db.createResource({ name: 'orders', attributes: { total: 'number' } })
  for (const id of ['o1', 'o2']) await orders.insert({ id, total: 1 })
  const backups = plugin(db)
  const { id } = await backups.backup('full')
  const crashes: unknown[] = []
  const server = await served({
    ...{ plugin: backups, database: { label: 'memory://bucket/shop' }, allowWrites: true },
    onCrash: (error) => crashes.push(error),
  })
  const visit = await visitor(server)
  const target = `file://${scratch()}/elsewhere`
  const counted = await visit.post('/api/dry-run', { backup: id, mode: 'skip', target })
  const dry = await ended(visit, counted.id)
  const start = () => visit.post('/api/restore', { dryRun: dry.id, name: 'elsewhere' })
  return { db, backups, id, server, visit, crashes, target, start }
}

test('a restore that was stopped says what it has written, in part or wholly, and what not', async () => {
  const { backups, visit, start } = await page()
  const writing = new EventEmitter()
  const under = once(writing, 'part')
  backups.restore = async (id, { onEvent, signal } = {}) => {
    onEvent?.({ type: 'restore-start', id, chain: [id], resources: ['customers', 'orders', 'others'] })
    const report = { restored: 5, replaced: 0, skipped: 0, removed: 0, failed: [] }
    onEvent?.({ type: 'restore-resource', id, resource: 'customers', report })
    const progress = { resource: 'orders', records: 1, selected: 1, expected: 2 }
    onEvent?.({ type: 'restore-progress', id, ...progress })
    writing.emit('part')
    await new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))
    throw new Error('not reached')
  }
  const { id } = await start()
  await under
  await visit.post('/api/jobs/stop', { id })
  expect(await ended(visit, id)).toMatchObject({
    state: 'stopped',
    error: null,
    report: {
      resources: [
        { name: 'customers', written: 'all', restored: 5 },
        { name: 'orders', written: 'part', restored: 0, upTo: 1, expected: 2 },
        { name: 'others', written: 'none', restored: 0 },
      ],
    },
  })
})

test('a failure that is not the stop itself is told even if the job was stopped', async () => {
  const work = jobs()
  const failure = new BackupError('permission_denied', 'The scratch database could not be removed')
  const { id } = work.start({
    ...{ kind: 'drill', title: 'Drill', backup: 'x', by: 'link' },
    work: ({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(failure))),
  })
  work.stop(id)
  await work.close()
  expect(work.get(id)).toMatchObject({ state: 'stopped', error: { code: 'permission_denied' } })
})

test('closing the page names each restore that it cuts off, with what was written, and starts nothing more', async () => {
  const { backups, id, server, target, start, visit } = await page()
  let closed: ReturnType<typeof server.close> | undefined
  backups.once('plg:backup:restore-resource', () => {
    closed = server.close()
  })
  await start()
  await expect.poll(() => closed !== undefined).toBe(true)
  expect(await closed).toEqual([
    {
      kind: 'restore',
      backup: id,
      target,
      done: ['customers is complete: 5 records written, 0 kept', 'Not started: orders'],
    },
  ])
  await expect(visit.post('/api/verify', { id, level: 'quick' })).rejects.toThrow()
})

test('work that is asked for while the page is being closed is not started', async () => {
  const work = jobs()
  const kind = { kind: 'verify', title: 'Verify', backup: 'x', by: 'link' } as const
  const closed = work.close()
  expect(() => work.start({ ...kind, work: () => Promise.reject(new Error('began')) })).toThrow(
    expect.objectContaining({ code: 'unavailable' }),
  )
  expect(await closed).toEqual([])
})

test('a restore in which records fail names them and counts the others', async () => {
  const { backups, visit, start } = await page()
  const restore = backups.restore.bind(backups)
  const failed = [{ id: 'c1', reason: 'refused by the database' }]
  backups.restore = async (...given) => {
    const result = await restore(...given)
    const { customers, ...rest } = result.resources
    throw new BackupError('incomplete', '1 records could not be restored', {
      operation: 'restore',
      metadata: {
        result: { ...result, resources: { customers: { ...customers, restored: 4, failed }, ...rest } },
      },
    })
  }
  const { id } = await start()
  expect(await ended(visit, id)).toMatchObject({
    state: 'failed',
    error: { code: 'incomplete' },
    report: {
      resources: [
        { name: 'customers', restored: 4, failed: 1, failures: failed, written: 'all' },
        { name: 'orders', restored: 2 },
      ],
    },
  })
})

test('a defect in the work of a job is reported to the terminal, as the page says', async () => {
  const { backups, visit, id, crashes } = await page()
  const defect = new TypeError('a defect')
  backups.verify = () => Promise.reject(defect)
  const job = await ended(visit, (await visit.post('/api/verify', { id, level: 'quick' })).id)
  expect(job).toMatchObject({ state: 'failed', error: { suggestion: expect.stringContaining('terminal') } })
  expect(crashes).toEqual([defect])
})

test('a job tells its own progress alone, while another restore of the backup runs', async () => {
  const { backups, visit, id } = await page()
  const another = { id, resource: 'customers', records: 1, selected: 1, expected: 5 }
  backups.once('plg:backup:restore-start', () => backups.emit('plg:backup:restore-progress', another))
  const counted = await visit.post('/api/dry-run', { backup: id, mode: 'skip', resources: ['orders'] })
  const { progress } = await ended(visit, counted.id)
  expect(progress).toEqual([{ name: 'orders', done: 2, of: 2 }])
})

test('a drill whose report cannot be stored shows what it found, and that the report is not there', async () => {
  const { backups, visit, id } = await page()
  const run = backups.drills.run.bind(backups.drills)
  backups.drills.run = async (which, options) => {
    const report = await run(which, { ...options, storeReport: false })
    throw new BackupError('permission_denied', 'The report could not be stored', { metadata: { report } })
  }
  const job = await ended(visit, (await visit.post('/api/drill', { id })).id)
  expect(job).toMatchObject({
    state: 'failed',
    error: { code: 'permission_denied' },
    report: { kind: 'drill', ok: true, stored: false },
  })
})

test('a second drill of a backup is told that a drill is running', async () => {
  const { visit, id } = await page()
  const [first, second] = await Promise.all([
    visit.post('/api/drill', { id }),
    visit.post('/api/drill', { id }),
  ])
  const refused = [first, second].find(({ status }) => status === 409)
  expect(refused.problem.message).toBe(`A drill of ${id} is running already`)
})

test('the log does not call a dry run a restore, nor a stop a failure', async () => {
  const { backups, visit, id } = await page()
  const texts = async () => (await visit.json('/api/schedule')).log.map(({ text }: { text: string }) => text)
  expect(await texts()).toEqual([`Dry run of a restore of ${id} has ended`])
  const stop = new AbortController()
  stop.abort(new DOMException('Stopped', 'AbortError'))
  await backups.restore(id, { signal: stop.signal }).catch(() => undefined)
  expect((await texts())[0]).toBe(`Restore of ${id} was stopped`)
  await backups.restore('absent', { dryRun: true }).catch(() => undefined)
  expect((await texts())[0]).toMatch(/^Dry run of a restore of absent failed: /)
})
