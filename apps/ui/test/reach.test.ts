import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { BackupError, type Driver } from '@s3db-backup/core'
import { filesystem } from '@s3db-backup/driver-filesystem'
import { expect, test } from 'vitest'
import { plugin, scratch, served, shop, visitor } from './scene.js'

test('several destinations are shown with which have a backup, lack it, or did not answer', async () => {
  const db = await shop(2)
  const [near, far] = [scratch(), scratch()]
  const away: Driver = {
    ...filesystem({ path: scratch() }),
    list() {
      throw new BackupError('unavailable', 'It does not answer', { driver: 'away' })
    },
  }
  const backups = plugin(db, {
    driver: 'multi',
    config: {
      strategy: 'any',
      destinations: [
        { name: 'near', driver: 'filesystem', config: { path: near } },
        { name: 'far', driver: 'filesystem', config: { path: far } },
        { name: 'away', driver: away },
      ],
    },
  } as never)
  const both = await backups.backup('full')
  const { id } = await backups.backup('full')
  rmSync(join(far, id), { recursive: true })
  const { json } = await visitor(await served({ plugin: backups }))
  const { places } = await json('/api/presence')
  expect(places.map(({ name }: { name: string }) => name)).toEqual(['near', 'far', 'away'])
  expect(places[0]).toMatchObject({ error: null, ids: expect.arrayContaining([both.id, id]) })
  expect(places[1]).toMatchObject({ error: null, ids: [both.id] })
  expect(places[2]).toMatchObject({ error: expect.stringContaining('does not answer'), ids: [] })
})

test('a single destination shows nothing of that', async () => {
  const { json } = await visitor(await served({ plugin: plugin(await shop(1)) }))
  expect(await json('/api/presence')).toMatchObject({ status: 200, places: [] })
})

test('a database outside a bucket has no versions, and neither has a server without a database', async () => {
  const db = await shop(1)
  const label = 'memory://bucket/shop'
  for (const database of [{ label }, undefined]) {
    const { json } = await visitor(await served({ plugin: plugin(db), database }))
    expect(await json('/api/reach')).toMatchObject({ status: 200, versions: 'none', since: null })
  }
})

test('the details of a drill come from its report, and from nothing else at the destination', async () => {
  const backups = plugin(await shop(3))
  const { id, path } = await backups.backup('full')
  await backups.drills.run(id, { storeReport: true, signedOffBy: 'ann' })
  const { json } = await visitor(await served({ plugin: backups }))
  const { key } = (await json('/api/home')).lastDrill
  expect(await json(`/api/drill?${new URLSearchParams({ key })}`)).toMatchObject({
    ...{ status: 200, backup: id, ok: true, by: 'ann', signed: false, chain: [id] },
    resources: [{ name: 'customers', records: 3, compared: 3, different: 0, examples: [] }],
  })
  for (const other of [`${id}/s3db.json`, `reports/../${id}/s3db.json`, '', '/etc/passwd', `${key}\u0000`])
    expect(await json(`/api/drill?${new URLSearchParams({ key: other })}`)).toMatchObject({
      problem: { code: 'not_found' },
    })
  writeFileSync(join(path, '..', key), '{"id": 7}')
  expect((await json(`/api/drill?${new URLSearchParams({ key })}`)).problem.code).toBe('corrupt')
  writeFileSync(join(path, '..', key), '{')
  expect((await json(`/api/drill?${new URLSearchParams({ key })}`)).problem.code).toBe('corrupt')
})

test('cached facts are shown at once and marked as old; the next answer is current', async () => {
  const backups = plugin(await shop(2))
  const { path } = await backups.backup('full')
  const { json } = await visitor(await served({ plugin: backups }))
  expect(await json('/api/home?known=1')).toMatchObject({ fresh: true, backups: 1 })
  // Another process makes a backup. This process learns of it when it looks.
  const other = plugin(await shop(1), { config: { path: join(path, '..') } })
  await other.backup('full')
  await backups.backup('full')
  expect(await json('/api/home?known=1')).toMatchObject({ fresh: false, backups: 1 })
  expect(await json('/api/home')).toMatchObject({ fresh: true, backups: 3 })
})

test('the answers of notification receivers are shown', async () => {
  const at = new Date().toISOString()
  const line = { at, to: 'webhook', event: 'failure', ok: false, said: 'it answered 500 (3 tried)' }
  const options = { plugin: plugin(await shop(1)), notified: () => [line] }
  const told = await visitor(await served(options))
  expect(await told.json('/api/schedule')).toMatchObject({ notifies: true, notified: [line] })
  const { json } = await visitor(await served({ plugin: plugin(await shop(1)) }))
  expect(await json('/api/schedule')).toMatchObject({ notifies: false, notified: [] })
})

test('neither a client that leaves during a read nor a closing server is a crash', async () => {
  const crashes: unknown[] = []
  const backups = plugin(await shop(300))
  const { id } = await backups.backup('full')
  const server = await served({ plugin: backups, onCrash: (error) => crashes.push(error) })
  const { headers } = await visitor(server)
  const gone = new AbortController()
  const paths = [`/api/records?backup=${id}&resource=customers&holds=nowhere`, '/api/home', '/api/backups']
  const asked = paths.map((path) =>
    fetch(server.url + path, { headers, signal: gone.signal }).catch(() => undefined),
  )
  await new Promise((resolve) => setTimeout(resolve, 20))
  gone.abort()
  await Promise.all(asked)
  let begun: () => void = () => undefined
  const looking = new Promise<void>((resolve) => {
    begun = resolve
  })
  const overview = backups.overview.bind(backups)
  backups.overview = (options) => {
    begun()
    return new Promise((resolve, reject) => {
      options?.signal?.addEventListener('abort', () => reject(options.signal?.reason))
      if (options?.signal === undefined) overview().then(resolve, reject)
    })
  }
  const second = await served({ plugin: backups, onCrash: (error) => crashes.push(error) })
  const other = await visitor(second)
  const left = other.get('/api/home').catch(() => undefined)
  await looking
  await new Promise((resolve) => setTimeout(resolve, 50))
  await second.close()
  await left
  expect(crashes).toEqual([])
})
