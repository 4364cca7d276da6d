// @ts-nocheck: the snippets are JavaScript, and stand here as the document has them
// biome-ignore-all lint/correctness/noUnusedVariables: the same
import { existsSync } from 'node:fs'
import { ImporterPlugin } from 's3db.js'
import { describe, expect, it } from 'vitest'
import { at, documented, BackupPlugin as InstalledPlugin, pluginsOf } from './documented-scene.js'
import { connected, filled } from './scene.js'

documented()

it('FAQ: How to restore a backup? With the ImporterPlugin', async () => {
  const { files } = await new InstalledPlugin({ database: await filled(3), config: { path: 'a' } }).backup()
  const db = await connected()
  await db.createResource({ name: 'users', attributes: { name: 'string', n: 'number' } })

  const importer = new ImporterPlugin({
    resource: 'users',
    format: 'jsonl',
    batchSize: 1000,
    parallelism: 10,
  })
  await db.usePlugin(importer)
  // The document gives the path as an option, which s3db.js does not read.
  await importer.import(files.users)

  expect(await db.resources.users.get('u1')).toMatchObject({ name: 'Zoë 1', n: 1 })
})

describe('FAQ: Configuration', () => {
  it('How to configure filesystem backup?', async () => {
    const BackupPlugin = pluginsOf(await filled(1))
    const plugin = new BackupPlugin({
      driver: 'filesystem',
      config: {
        path: '/var/backups/s3db/{date}/',
        compression: 'gzip',
      },
      retention: {
        daily: 7,
        weekly: 4,
        monthly: 12,
      },
    })
    const { id, timestamp } = await plugin.backup()
    expect(existsSync(at(`var/backups/s3db/${timestamp.slice(0, 10)}/${id}/users.jsonl.gz`))).toBe(true)
  })

  it('How to configure S3 backup?', async () => {
    const BackupPlugin = pluginsOf(await filled(1))
    const plugin = new BackupPlugin({
      driver: 's3',
      config: {
        bucket: 'my-backups',
        path: 'database/{date}/',
        storageClass: 'GLACIER',
      },
      // What is archived cannot be read back at once, so it cannot be compared either.
      verification: false,
    })
    const { id, path } = await plugin.backup()
    expect(path).toMatch(/^s3:\/\/my-backups\/database\/\d{4}-\d{2}-\d{2}\/full-/)
    // The manifest is never archived: what there is can be listed without thawing anything.
    expect((await plugin.list()).map((backup) => backup.id)).toContain(id)
  })

  it.each(['drivers', 'destinations'])('How to configure multiple destinations? %s', async (name) => {
    const BackupPlugin = pluginsOf(await filled(1))
    const plugin = new BackupPlugin({
      driver: 'multi',
      config: {
        strategy: 'all', // 'all', 'any', 'priority'
        [name]: [
          { driver: 'filesystem', config: { path: '/backup/' } },
          { driver: 's3', config: { bucket: 'remote' } },
        ],
      },
    })
    expect((await plugin.backup()).driverInfo).toHaveLength(2)
  })
})

describe('FAQ: Operations', () => {
  it('How to create a manual backup?', async () => {
    const backupPlugin = new InstalledPlugin({ database: await filled(1), config: { path: 'a' } })
    const result = await backupPlugin.backup('full')
    // Returns: { id, type, size, duration, checksum, driverInfo }
    expect(result).toMatchObject({
      id: expect.stringMatching(/^full-/),
      type: 'full',
      size: expect.any(Number),
      duration: expect.any(Number),
      checksum: expect.stringMatching(/^[0-9a-f]{64}$/),
      driverInfo: {
        type: 'filesystem',
        path: at(`a/${result.id}`),
        manifestPath: at(`a/${result.id}/s3db.json`),
      },
    })
  })

  it('How to restore a backup?', async () => {
    const database = await filled(1)
    await database.createResource({ name: 'orders', attributes: { n: 'number' } })
    const backupPlugin = new InstalledPlugin({ database, config: { path: 'a' } })
    const { id } = await backupPlugin.backup()
    const result = await backupPlugin.restore(id, {
      resources: ['users', 'orders'], // null = all
      overwrite: true,
    })
    expect(result).toMatchObject({ backupId: id, restored: ['users', 'orders'] })
    expect(await backupPlugin.restore(id, { resources: null })).toMatchObject({
      restored: ['users', 'orders'],
    })
  })

  it('How to list available backups?', async () => {
    const backupPlugin = new InstalledPlugin({ database: await filled(1), config: { path: 'a' } })
    const made = await backupPlugin.backup('full', { metadata: { project: 'x' } })
    const backups = await backupPlugin.listBackups({ limit: 20 })
    // Returns array of backups with metadata
    expect(backups).toMatchObject([{ id: made.id, metadata: { project: 'x' }, error: null }])
  })

  it('How to get backup status?', async () => {
    const backupPlugin = new InstalledPlugin({ database: await filled(1), config: { path: 'a' } })
    const { id, size, checksum } = await backupPlugin.backup()
    const status = await backupPlugin.getBackupStatus(id)
    // Returns: { id, type, status, size, checksum, error, ... }
    expect(status).toMatchObject({ id, type: 'full', status: 'completed', size, checksum, error: null })
  })
})

describe('FAQ: Retention', () => {
  it('How to cleanup old backups?', async () => {
    const backupPlugin = new InstalledPlugin({
      database: await filled(1),
      config: { path: 'a' },
      retention: { keepLast: 1 },
    })
    await backupPlugin.backup()
    await backupPlugin.backup()
    const cleaned = await backupPlugin.cleanupBackups()
    console.log(`Cleaned up ${cleaned.count} old backups`)
    // The second backup has already removed the first one.
    expect(cleaned.count).toBe(0)
    expect(await backupPlugin.list()).toHaveLength(1)
  })
})

describe('FAQ: Advanced Use Cases', () => {
  async function regions() {
    const db = await connected()
    const orders = await db.createResource({
      name: 'orders',
      attributes: { region: 'string', status: 'string' },
      partitions: { byRegion: { fields: { region: 'string' } }, byStatus: { fields: { status: 'string' } } },
      asyncPartitions: false,
    })
    const rows = ['US', 'EU', 'BR'].flatMap((region) =>
      ['active', 'closed'].map((status) => ({ id: `${region}-${status}`, region, status })),
    )
    for (const row of rows) await orders.insert(row)
    return db
  }

  it('Can I run backups in parallel for faster completion?', async () => {
    const database = await filled(2)
    await database.createResource({ name: 'events', attributes: { n: 'number' } })
    const backup = new InstalledPlugin({
      database,
      driver: 'multi',
      config: {
        strategy: 'all',
        drivers: [
          { driver: 's3', config: { bucket: 'backup-users', prefix: 'users/' } },
          { driver: 's3', config: { bucket: 'backup-events', prefix: 'events/' } },
        ],
      },
    })

    // Backup multiple resources in parallel
    const made = await Promise.all([
      backup.backup('full', { resources: ['users'] }),
      backup.backup('full', { resources: ['events'] }),
    ])

    expect(made.map(({ resources }) => resources)).toEqual([['users'], ['events']])
    for (const { id } of made) expect(await backup.verify(id)).toMatchObject({ ok: true })
  })

  it('How do I backup only specific partitions?', async () => {
    const backup = new InstalledPlugin({ database: await regions(), config: { path: 'a' } })

    // Backup only US region data
    const us = await backup.backup('full', {
      resources: ['orders'],
      partitions: {
        byRegion: ['US'], // Only backup US partition
      },
    })

    // Backup multiple partitions
    const both = await backup.backup('full', {
      resources: ['orders'],
      partitions: {
        byRegion: ['US', 'EU'], // US and EU partitions
        byStatus: ['active'], // Only active orders
      },
    })

    expect([us.records, both.records]).toEqual([2, 2])
  })

  it('Can I test backups without actually writing files?', async () => {
    const backup = new InstalledPlugin({ database: await filled(4), config: { path: 'a' } })
    const result = await backup.backup('full', {
      dryRun: true, // Don't write files, only calculate size/metadata
    })

    console.log(`Backup would be ${result.size} bytes`)
    console.log(`Would backup ${result.recordCount} records`)
    console.log(`Estimated duration: ${result.estimatedDuration}ms`)

    expect(result).toMatchObject({
      recordCount: 4,
      size: expect.any(Number),
      estimatedDuration: expect.any(Number),
    })
    expect(existsSync(at('a'))).toBe(false)
  })
})
