import { backup, type Driver, planBackup, type Source } from '@s3db-backup/core'
import { memory } from '@s3db-backup/driver-testkit'
import { databaseSource } from '@s3db-backup/s3db'
import { describe, expect, it } from 'vitest'
import { DatabasePlugin } from '../src/index.js'
import { gate, replace } from './documented-scene.js'
import { call, openNew, ours, over, plugin as pluginWith } from './plugins.js'

const hour = 60 * 60 * 1000

async function withUsers() {
  const database = await openNew()
  const users = await database.createResource({ name: 'users', attributes: { name: 'string' } })
  await users.insertMany([{ name: 'Alice' }, { name: 'Bob' }])
  return database
}

/** Another process at the same destination: it has the driver and nothing else. */
const elsewhere = (driver: Driver, options = {}) => new DatabasePlugin(options, over(driver))

/** What a process that was killed leaves: everything but the manifest. */
async function killed(driver: ReturnType<typeof memory>, ago: number): Promise<string> {
  const now = () => new Date(Date.now() - ago)
  const { id } = await backup({ source: databaseSource(ours(await withUsers())), driver, now })
  await driver.delete(`${id}/s3db.json`, call)
  return id
}

describe('getBackupStatus()', () => {
  it('of a completed backup: the result of backup(), from the destination alone', async () => {
    const database = await withUsers()
    const { plugin, driver } = pluginWith()
    await database.usePlugin(plugin, 'backup')
    const { duration: _, ...made } = await plugin.backup()
    await database.disconnect()
    expect(await elsewhere(driver).getBackupStatus(made.id)).toMatchObject({ ...made, error: null })
  })

  it('of a backup that another process is making: in-progress, from its first moment', async () => {
    const driver = memory()
    const database = await withUsers()
    const seen: unknown[] = []
    const real = databaseSource(ours(database))
    const id = 'full-2024-03-15T14-30-45-abc123'
    const source: Source = {
      ...real,
      async describe(call) {
        seen.push(await elsewhere(driver).getBackupStatus(id))
        return real.describe(call)
      },
    }
    await backup({ source, driver, id })
    // When it begins to read the database, and when it has read it.
    const underWay = { id, type: 'full', status: 'in-progress', path: id, error: null }
    expect(seen).toMatchObject([
      { ...underWay, timestamp: expect.any(String) },
      { ...underWay, timestamp: expect.any(String) },
    ])
    expect(await elsewhere(driver).getBackupStatus(id)).toMatchObject({ status: 'completed' })
    expect(await elsewhere(driver).list()).toHaveLength(1)
  })

  it('of a backup whose process died: incomplete once it is older than staleAfter', async () => {
    const driver = memory()
    const id = await killed(driver, 25 * hour)
    expect(await elsewhere(driver).getBackupStatus(id)).toMatchObject({
      id,
      status: 'incomplete',
      checksum: null,
      error: { code: 'incomplete' },
    })
    const patient = elsewhere(driver, { staleAfter: 26 * hour })
    expect(await patient.getBackupStatus(id)).toMatchObject({ id, status: 'in-progress' })
    expect(await patient.list()).toEqual([])
    await expect(patient.restore(id, { target: ours(await withUsers()) })).rejects.toMatchObject({
      code: 'not_found',
    })
  })

  it('of a backup older than staleAfter with a sign of life: in-progress, in every list', async () => {
    const driver = memory()
    const now = () => new Date(Date.now() - 23 * hour)
    const { id } = await planBackup({
      source: databaseSource(ours(await withUsers())),
      driver,
      now,
      shards: 2,
    })
    const seen = async () => {
      const plugin = elsewhere(driver, { staleAfter: hour })
      const { unfinished } = await plugin.overview({})
      const listed = await plugin.listBackups({ unfinished: true })
      const one = await plugin.getBackupStatus(id)
      return [...unfinished, ...listed, one].map((each) => each?.status)
    }
    expect(await seen()).toEqual(['in-progress', 'in-progress', 'in-progress'])
    for await (const { key } of driver.list('.leases/', call)) await driver.delete(key, call)
    expect(await seen()).toEqual(['incomplete', 'incomplete', 'incomplete'])
  })

  it('of a damaged manifest: damaged, with the error', async () => {
    const database = await withUsers()
    const { plugin, driver } = pluginWith()
    await database.usePlugin(plugin, 'backup')
    const { id } = await plugin.backup()
    await replace(driver, `${id}/s3db.json`, '{')
    expect(await plugin.getBackupStatus(id)).toMatchObject({
      id,
      status: 'damaged',
      error: { code: 'corrupt' },
    })
  })

  it('of a backup that failed: failed, here with the error, elsewhere with its code; its parts are gone', async () => {
    const database = await withUsers()
    const { plugin, driver } = pluginWith()
    await database.usePlugin(plugin, 'backup')
    let failed = ''
    plugin.on('plg:backup:error', ({ id }) => {
      failed = id
    })
    const error = await plugin.backup('full', { resources: ['nobody'] }).catch((reason: unknown) => reason)
    expect(await plugin.getBackupStatus(failed)).toMatchObject({ id: failed, status: 'failed', error })
    expect([...driver.objects.keys()]).toEqual([`${failed}/failed.json`])
    expect(await elsewhere(driver).getBackupStatus(failed)).toMatchObject({
      id: failed,
      type: 'full',
      status: 'failed',
      path: failed,
      checksum: null,
      timestamp: expect.any(String),
      error: { name: 'BackupError', code: 'not_found', metadata: { cancelled: false } },
    })
    expect(await elsewhere(driver).list()).toEqual([])
  })

  it('of a backup that failed before it could write anything: failed here, unknown elsewhere', async () => {
    const database = await withUsers()
    const { plugin, driver } = pluginWith({ onBackupStart: () => Promise.reject(new Error('not now')) })
    await database.usePlugin(plugin, 'backup')
    let failed = ''
    plugin.on('plg:backup:error', ({ id }) => {
      failed = id
    })
    await expect(plugin.backup()).rejects.toThrow('not now')
    expect(await plugin.getBackupStatus(failed)).toMatchObject({ status: 'failed', timestamp: null })
    expect(driver.objects.size).toBe(0)
    expect(await elsewhere(driver).getBackupStatus(failed)).toBeNull()
  })

  it('of an unknown id: null', async () => {
    expect(await pluginWith().plugin.getBackupStatus('full-nothing')).toBeNull()
  })
})

describe('cleanupBackups()', () => {
  it('also sweeps the leftovers of abandoned backups, but no young ones and no backups', async () => {
    const database = await withUsers()
    const { plugin, driver } = pluginWith()
    await database.usePlugin(plugin, 'backup')
    const kept = await plugin.backup()
    const old = await killed(driver, 25 * hour)
    const young = await killed(driver, hour)
    expect(await plugin.cleanupBackups({ dryRun: true })).toMatchObject({ count: 0, swept: [{ id: old }] })
    expect(await plugin.getBackupStatus(old)).toMatchObject({ status: 'incomplete' })
    expect(await plugin.cleanupBackups()).toMatchObject({ count: 0, swept: [{ id: old }] })
    expect(await plugin.getBackupStatus(old)).toBeNull()
    expect(await plugin.getBackupStatus(young)).toMatchObject({ status: 'in-progress' })
    expect(await plugin.verify(kept.id)).toMatchObject({ ok: true })
  })

  it('never sweeps the only directory', async () => {
    const driver = memory()
    const id = await killed(driver, 1000 * hour)
    expect(await elsewhere(driver).cleanupBackups()).toMatchObject({ count: 0, swept: [] })
    expect(await elsewhere(driver).getBackupStatus(id)).toMatchObject({ status: 'incomplete' })
  })
})

describe('stop()', () => {
  it('waits for a running backup', async () => {
    const database = await withUsers()
    const { promise, open } = gate()
    const { plugin } = pluginWith({ onBackupStart: () => promise })
    await database.usePlugin(plugin, 'backup')
    const made = plugin.backup()
    const stopped = plugin.stop()
    expect(plugin.activeBackups.size).toBe(1)
    open()
    await stopped
    expect(plugin.activeBackups.size).toBe(0)
    await expect(made).resolves.toMatchObject({ status: 'completed' })
  })

  it('removes ids that were put into activeBackups, and reports them', async () => {
    const { plugin } = pluginWith()
    const cancelled: unknown[] = []
    plugin.on('plg:backup:cancelled', ({ id }) => cancelled.push(id))
    plugin.activeBackups.add('backup_1')
    plugin.activeBackups.add('backup_2')
    await plugin.stop()
    expect(cancelled).toEqual(['backup_1', 'backup_2'])
    expect(plugin.activeBackups.size).toBe(0)
  })

  it('a database that disconnects ends a running backup, and nothing is left', async () => {
    const database = await withUsers()
    const { plugin, driver } = pluginWith({
      onBackupStart: async () => void (await database.disconnect()),
    })
    await database.usePlugin(plugin, 'backup')
    await expect(plugin.backup()).rejects.toMatchObject({
      code: 'unavailable',
      message: 'The database was disconnected',
    })
    expect(driver.objects.size).toBe(0)
  })
})

describe('plugin.driver', () => {
  it('shows its type, its place and its configuration, without credentials', () => {
    const { plugin } = pluginWith({
      config: { path: './x', credentials: { secretAccessKey: 'hush' }, drivers: [{ accessKeyId: 'hush' }] },
    })
    expect(plugin.driver.getType()).toBe('memory')
    expect(plugin.driver.getStorageInfo()).toEqual({
      type: 'memory',
      config: { path: './x', drivers: [{}] },
      path: '',
    })
  })
})
