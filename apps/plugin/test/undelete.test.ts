import { expect, it, onTestFinished, vi } from 'vitest'
import type { PluginOptions } from '../src/index.js'
import { BackupPlugin } from '../src/index.js'
import { connected, filled, memoryAddress, scratch } from './scene.js'

const day = 24 * 60 * 60 * 1000

async function aPlugin(more: Partial<PluginOptions> = {}) {
  const database = await filled(3)
  const plugin = new BackupPlugin({ driver: 'filesystem', config: { path: scratch() }, database, ...more })
  return { database, plugin }
}

it('a deleted backup is gone at once, unless a grace time is configured', async () => {
  const { plugin } = await aPlugin()
  const { id } = await plugin.backup('full')
  expect(await plugin.deleteBackup(id)).toMatchObject({ id, purgeAfter: null })
  expect(await plugin.deleted.list()).toEqual([])
  expect(await plugin.getBackupStatus(id)).toBe(null)
  await expect(plugin.deleted.restore(id)).rejects.toMatchObject({ code: 'not_found' })
})

it('within the grace time it can be brought back and restored; listeners get an event', async () => {
  const { plugin } = await aPlugin({ deletionGrace: 7 * day })
  const { id, checksum } = await plugin.backup('full')
  const told: unknown[] = []
  for (const event of ['plg:backup:deleted', 'plg:backup:undeleted'] as const)
    plugin.on(event, (payload: { readonly id: string }) => told.push([event, payload.id]))
  const { purgeAfter } = await plugin.deleteBackup(id)
  expect(Date.parse(String(purgeAfter)) - Date.now()).toBeGreaterThan(6 * day)
  expect(await plugin.list()).toEqual([])
  expect(await plugin.deleted.list()).toMatchObject([{ id, purgeAfter, complete: true }])
  expect(await plugin.getBackupStatus(id)).toMatchObject({ status: 'deleted', purgeAfter, error: null })
  expect(await plugin.deleted.restore(id)).toEqual({ id, undeleted: [id], damaged: [] })
  expect(await plugin.list()).toMatchObject([{ id, checksum }])
  const target = await connected({ connectionString: memoryAddress() })
  await plugin.restore(id, { target: target as never })
  expect(await target.resources.users?.count()).toBe(3)
  expect(told).toEqual([
    ['plg:backup:deleted', id],
    ['plg:backup:undeleted', id],
  ])
})

it('a chain that retention deleted comes back completely, and is purged after its grace time', async () => {
  const { plugin, database } = await aPlugin({ retention: { keepLast: 1 }, deletionGrace: day })
  const full = await plugin.backup('full')
  await database.resources.users?.insert({ id: 'new', name: 'New', n: 4 })
  const more = await plugin.backup('incremental')
  const last = await plugin.backup('full')
  const gone = (await plugin.deleted.list()).map(({ id }) => id).sort()
  expect(gone).toEqual([full.id, more.id].sort())
  expect((await plugin.deleted.restore(more.id)).undeleted).toEqual([full.id, more.id])
  expect(await plugin.verify(more.id)).toMatchObject({ ok: true })
  // Deleted again, it frees no space yet; at the next cleanup its grace time has passed.
  const again = await plugin.cleanupBackups()
  expect(again).toMatchObject({ count: 2, bytes: 0, purged: [] })
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 2 * day })
  onTestFinished(() => void vi.useRealTimers())
  const later = await plugin.cleanupBackups()
  expect(later.purged.map(({ id }) => id)).toEqual([more.id, full.id])
  expect(later.bytes).toBe(later.purged.reduce((sum, { bytes }) => sum + bytes, 0))
  expect((await plugin.list()).map(({ id }) => id)).toEqual([last.id])
  expect(await plugin.deleted.list()).toEqual([])
})

it('a backup deleted at several destinations comes back at all of them', async () => {
  const paths = [scratch(), scratch()]
  const { plugin } = await aPlugin({
    driver: 'multi',
    config: { drivers: paths.map((path) => ({ driver: 'filesystem', config: { path: `${path}/{year}` } })) },
    deletionGrace: day,
  })
  const { id } = await plugin.backup('full')
  await plugin.deleteBackup(id)
  await plugin.deleted.restore(id)
  expect(await plugin.replicas.verify(id)).toMatchObject({ ok: true })
  expect(await plugin.deleted.list()).toEqual([])
})

it('even without a retention policy a backup purges what was deleted long enough ago, and sends an event', async () => {
  const { plugin } = await aPlugin({ deletionGrace: day })
  const told: unknown[] = []
  plugin.on('plg:backup:cleanup', ({ count, purged }) => told.push([count, purged]))
  const { id } = await plugin.backup('full')
  await plugin.deleteBackup(id)
  await plugin.backup('full')
  expect(told).toEqual([])
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 2 * day })
  onTestFinished(() => void vi.useRealTimers())
  await plugin.backup('full')
  expect(told).toEqual([[0, [{ id, files: expect.any(Number), bytes: expect.any(Number) }]]])
  expect(await plugin.deleted.list()).toEqual([])
})

it('a backup aborted during its cleanup exists, and removes nothing more', async () => {
  const { plugin } = await aPlugin({ retention: { keepLast: 1 } })
  const first = await plugin.backup('full')
  const abort = new AbortController()
  const errors: unknown[] = []
  plugin.on('plg:backup:cleanup-error', ({ error }) => errors.push(error))
  plugin.on('plg:backup:complete', () => abort.abort(new Error('enough')))
  const second = await plugin.backup('full', { signal: abort.signal })
  expect((await plugin.list()).map(({ id }) => id).sort()).toEqual([first.id, second.id].sort())
  expect(errors).toEqual([new Error('enough')])
})

it('deleted backups are listed only on request, with the same prefix and limit', async () => {
  const { plugin } = await aPlugin({ deletionGrace: day })
  const made = [await plugin.backup('full'), await plugin.backup('weekly'), await plugin.backup('full')]
  const [full, weekly, there] = made.map(({ id }) => id)
  for (const id of [full, weekly]) await plugin.deleteBackup(id ?? '')
  expect((await plugin.listBackups()).map(({ id }) => id)).toEqual([there])
  const weeklies = await plugin.deleted.list({ prefix: 'weekly' })
  expect(weeklies.map(({ id }) => id)).toEqual([weekly])
  expect(await plugin.deleted.list({ limit: 1 })).toHaveLength(1)
  for (const wrong of [{ startDate: '2024-03-15' }, { limt: 1 }])
    await expect(plugin.deleted.list(wrong as never)).rejects.toMatchObject({ code: 'invalid_options' })
})
