// @ts-nocheck: the snippets are JavaScript, and stand here as the document has them
// biome-ignore-all lint/correctness/noUnusedVariables: the same
// biome-ignore-all lint/correctness/noUnusedFunctionParameters: the same
import { readdirSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { BackupPlugin as PlainPlugin } from '@s3db-backup/plugin'
import { describe, expect, it } from 'vitest'
import { at, databases, documented, BackupPlugin as InstalledPlugin, pluginsOf } from './documented-scene.js'
import { filled } from './scene.js'

documented()

describe('TLDR', () => {
  it('2 lines to get started', async () => {
    const BackupPlugin = pluginsOf(await filled(2))
    const plugin = new BackupPlugin({ driver: 'filesystem', config: { path: './backups/' } })
    await plugin.backup('full') // Full backup created!

    expect((await plugin.list()).map(({ records }) => records)).toEqual([2])
  })

  it('2 lines to get started, without a database: an error that says what to do', async () => {
    const plugin = new PlainPlugin({ driver: 'filesystem', config: { path: at('backups') } })
    await expect(plugin.backup('full')).rejects.toMatchObject({
      code: 'unavailable',
      suggestion: expect.stringContaining('db.usePlugin(plugin)'),
    })
  })
})

describe('BackupPlugin vs ReplicatorPlugin', () => {
  it('Use Both Together', () => {
    const BackupPlugin = InstalledPlugin
    const plugin = new BackupPlugin({
      driver: 's3',
      config: { bucket: 'backups' },
      schedule: { daily: '0 2 * * *' }, // 2am daily
    })

    const [{ name, at: next }] = plugin.nextRuns()
    expect([name, next.getHours(), next.getMinutes()]).toEqual(['daily', 2, 0])
  })

  it('Recovery Time', async () => {
    const db = await filled(3)
    const BackupPlugin = pluginsOf(db)
    const plugin = new BackupPlugin({ driver: 'filesystem' })
    await plugin.backup('full') // Daily automated
    await db.resources.users.delete('u1')

    // When disaster strikes:
    const backups = await plugin.list()
    await plugin.restore(backups[0].id) // Restored in minutes

    expect(await db.resources.users.get('u1')).toMatchObject({ name: 'Zoë 1', n: 1 })
  })
})

describe('Dependencies', () => {
  it('Production Recommendations', async () => {
    const Database = databases()
    const BackupPlugin = InstalledPlugin
    const told = []
    const metrics = { gauge: (...args) => told.push(args), histogram: (...args) => told.push(args) }
    const alerts = { notify: (text) => told.push(text) }

    const db = new Database({ connectionString: 's3://key:secret@bucket' })

    const backup = new BackupPlugin({
      driver: 's3',
      config: {
        bucket: 'prod-backups',
        region: 'us-east-1',
        prefix: 'databases/{year}/{month}/',
      },
      schedule: {
        daily: '0 2 * * *', // 2am every day
        weekly: '0 3 * * 0', // 3am every Sunday
        monthly: '0 4 1 * *', // 4am first of month
      },
      retention: {
        daily: 7, // Keep 7 daily backups
        weekly: 4, // Keep 4 weekly backups
        monthly: 12, // Keep 12 monthly backups
        yearly: 5, // Keep 5 yearly backups
      },
      compression: true, // Enabled by default
      emitEvents: true, // Enable monitoring
    })

    // The document has these two the other way round; s3db.js then never tells the plugin of the database.
    await db.connect()
    await db.usePlugin(backup)

    // Monitor backup health
    db.on('plg:backup:complete', ({ type, size, duration, path }) => {
      console.log(`✅ ${type} backup complete: ${size} bytes in ${duration}ms`)
      metrics.gauge('backup.size', size)
      metrics.histogram('backup.duration', duration)
    })

    db.on('plg:backup:error', ({ error, type }) => {
      console.error(`❌ ${type} backup failed:`, error)
      alerts.notify(`Backup failed: ${error.message}`)
    })

    const { size, duration, path } = await backup.backup('full')
    expect(told).toEqual([
      ['backup.size', size],
      ['backup.duration', duration],
    ])
    expect(path).toMatch(/^s3:\/\/prod-backups\/databases\/\d{4}\/\d{2}\/full-/)
    await expect(backup.backup('full', { resources: ['nobody'] })).rejects.toThrow()
    expect(told[2]).toMatch(/^Backup failed: .*nobody/)
    await backup.stop()
  })

  it('Production Recommendations, in the order of the document: usePlugin before connect', async () => {
    const Database = databases()
    const db = new Database({ connectionString: 's3://key:secret@bucket' })
    const backup = new InstalledPlugin({ driver: 's3', config: { bucket: 'prod-backups' }, database: db })
    await db.usePlugin(backup)
    await db.connect()
    expect(await backup.backup('full')).toMatchObject({ status: 'completed' })
    const without = new InstalledPlugin({ driver: 's3', config: { bucket: 'prod-backups' } })
    await expect(without.backup('full')).rejects.toMatchObject({ code: 'unavailable' })
  })
})

it('Quick Start', async () => {
  const Database = databases()
  const BackupPlugin = InstalledPlugin

  // Step 1: Create database and plugin
  const db = new Database({ connectionString: 's3://key:secret@bucket' })
  await db.connect()

  const backupPlugin = new BackupPlugin({
    driver: 'filesystem',
    config: {
      path: './backups', // Local backups directory
    },
  })

  await db.usePlugin(backupPlugin)

  // Step 2: Create some data
  const users = await db.createResource({
    name: 'users',
    attributes: {
      name: 'string|required',
      email: 'string|required',
    },
  })

  await users.insert({ name: 'Alice', email: 'alice@example.com' })
  await users.insert({ name: 'Bob', email: 'bob@example.com' })

  // Step 3: Create a backup
  const backupResult = await backupPlugin.backup('full')
  console.log('Backup created:', backupResult)
  const { id } = backupResult
  expect(id).toMatch(/^full-\d{4}-\d{2}-\d{2}T/)
  expect(backupResult).toMatchObject({
    type: 'full',
    path: at(`backups/${id}`),
    resources: ['users'],
    files: {
      users: at(`backups/${id}/users.jsonl.gz`),
      metadata: at(`backups/${id}/s3db.json`),
    },
    size: expect.any(Number),
    compressed: expect.any(Number),
    records: 2,
  })

  // Step 4: List available backups
  const backups = await backupPlugin.list()
  console.log('Available backups:', backups.length)
  expect(backups).toHaveLength(1)

  // Step 5: Restore from backup (if needed)
  // WARNING: This will overwrite existing data!
  await backupPlugin.restore(backupResult.id)
})

describe('Overview', () => {
  it('Backup Output Format', async () => {
    const db = await filled(2)
    for (const name of ['orders', 'products']) await db.createResource({ name, attributes: { n: 'number' } })
    const plugin = new InstalledPlugin({ config: { path: 'backups' }, database: db })
    const { id, files } = await plugin.backup('full')
    expect(readdirSync(at(`backups/${id}`))).toEqual(
      expect.arrayContaining(['s3db.json', 'users.jsonl.gz', 'orders.jsonl.gz', 'products.jsonl.gz']),
    )
    const lines = gunzipSync(readFileSync(files.users)).toString().trimEnd().split('\n').map(JSON.parse)
    expect(lines).toMatchObject([{ id: 'u0', name: 'Zoë 0' }, { id: 'u1' }])
  })

  it('s3db.json Metadata Format', async () => {
    const plugin = new InstalledPlugin({ config: { path: 'backups' }, database: await filled(2) })
    const { files } = await plugin.backup('full')
    const { size } = (await import('node:fs')).statSync(files.users)
    expect(JSON.parse(readFileSync(files.metadata, 'utf8'))).toMatchObject({
      version: '1.0',
      backupType: 'full',
      exportedAt: expect.stringMatching(/Z$/),
      database: { bucket: expect.any(String) },
      resources: {
        users: {
          name: 'users',
          attributes: { name: 'string', n: 'number' },
          partitions: {},
          timestamps: false,
          recordCount: 2,
          exportFile: 'users.jsonl.gz',
          compression: 'gzip',
          format: 'jsonl',
          bytesWritten: size,
        },
      },
    })
  })
})

describe('Usage Journey', () => {
  it('Level 1: Simple Daily Backups', async () => {
    const BackupPlugin = pluginsOf(await filled(2))

    // Step 1: Create backup plugin
    const plugin = new BackupPlugin({
      driver: 'filesystem',
      config: { path: './backups/' },
    })

    // Step 2: Run daily backup (cron or manual)
    await plugin.backup('full')

    // Step 3: List backups
    const backups = await plugin.list()
    console.log(`${backups.length} backups available`)

    // Step 4: Restore if needed
    await plugin.restore(backups[0].id)

    expect(backups).toHaveLength(1)
  })

  it('Level 2: Add Compression & Retention', async () => {
    const BackupPlugin = pluginsOf(await filled(2))
    const plugin = new BackupPlugin({
      driver: 'filesystem',
      config: {
        path: './backups/',
        compression: 'gzip', // 60-70% size reduction
        retention: {
          policy: 'simple',
          count: 7, // Keep last 7 backups only
        },
      },
    })

    for (let made = 0; made < 9; made++) await plugin.backup('full')

    const kept = await plugin.list()
    expect(kept).toHaveLength(7)
    expect(kept[0].files.users).toMatch(/\.jsonl\.gz$/)
  })

  it('Level 3: Production - S3 Backups', async () => {
    const BackupPlugin = pluginsOf(await filled(2))
    const plugin = new BackupPlugin({
      driver: 's3',
      config: {
        bucket: 'my-backups',
        region: 'us-west-2', // Different region than production
        prefix: 'production/db/',
        compression: 'gzip',
        retention: {
          policy: 'gfs', // Grandfather-Father-Son
          daily: 7,
          weekly: 4,
          monthly: 12,
        },
      },
    })

    await plugin.backup('full')

    const [{ path }] = await plugin.list()
    expect(path).toMatch(/^s3:\/\/my-backups\/production\/db\/full-/)
  })

  it('Level 4: Multi-Destination Backups', async () => {
    const BackupPlugin = pluginsOf(await filled(2))
    const plugin = new BackupPlugin({
      driver: 'multi',
      config: {
        drivers: [
          // Local for fast recovery
          {
            driver: 'filesystem',
            config: { path: '/mnt/backups/' },
          },

          // S3 for durability (same region)
          {
            driver: 's3',
            config: {
              bucket: 'backups-us-east-1',
              region: 'us-east-1',
              prefix: 'production/',
            },
          },

          // S3 Glacier for long-term (different region)
          {
            driver: 's3',
            config: {
              bucket: 'backups-eu-west-1',
              region: 'eu-west-1',
              storageClass: 'GLACIER_IR', // Instant retrieval, cheaper
              prefix: 'archive/',
            },
          },
        ],
        compression: 'gzip',
        retention: {
          policy: 'gfs',
          daily: 7,
          weekly: 4,
          monthly: 12,
          yearly: 5,
        },
      },
    })

    await plugin.backup('full')

    const [{ driverInfo }] = await plugin.list()
    expect(driverInfo).toMatchObject([
      { path: expect.stringContaining('/mnt/backups/full-') },
      { path: expect.stringContaining('s3://backups-us-east-1/production/full-') },
      { path: expect.stringContaining('s3://backups-eu-west-1/archive/full-') },
    ])
  })

  it('Level 5: Automated with Monitoring', async () => {
    const BackupPlugin = pluginsOf(await filled(2))
    const jobs = []
    const cron = { schedule: (_, job) => jobs.push(job) }
    const told = []
    const metrics = { increment: async (name) => told.push(name), timing: async (name) => told.push(name) }
    const sendAlert = async (alert) => told.push(alert)
    const sendNotification = async (text) => told.push(text)

    const plugin = new BackupPlugin({
      driver: 'multi',
      config: {
        drivers: [
          { driver: 'filesystem', config: { path: '/mnt/backups/' } },
          { driver: 's3', config: { bucket: 'backups-primary', region: 'us-east-1' } },
          {
            driver: 's3',
            config: { bucket: 'backups-secondary', region: 'eu-west-1', storageClass: 'GLACIER_IR' },
          },
        ],
        compression: 'gzip',
        retention: { policy: 'gfs', daily: 7, weekly: 4, monthly: 12 },
      },
    })

    // Schedule daily backups (cron: 2am daily)
    cron.schedule('0 2 * * *', async () => {
      try {
        const start = Date.now()
        const backup = await plugin.backup('full')
        const duration = Date.now() - start

        console.log(`✓ Backup completed in ${duration}ms`)

        // Send success metric
        await metrics.increment('backup.success')
        await metrics.timing('backup.duration', duration)

        // Verify backup
        const backups = await plugin.list()
        if (backups.length < 7) {
          await sendAlert('Warning: Less than 7 backups available')
        }
      } catch (error) {
        console.error('✗ Backup failed:', error)

        // Send alert
        await sendAlert({
          severity: 'critical',
          title: 'Backup Failed',
          message: error.message,
          runbook: 'Check disk space and S3 permissions',
        })

        // Track failure
        await metrics.increment('backup.failure')
      }
    })

    // Monthly restore test (verify backups work)
    cron.schedule('0 3 1 * *', async () => {
      const backups = await plugin.list()
      const testBackup = backups[0]

      try {
        // Restore to test database
        await plugin.restore(testBackup.id, {
          destination: 'test-restore-db',
        })

        console.log('✓ Restore test successful')
        await sendNotification('Monthly backup restore test: PASSED')
      } catch (error) {
        await sendAlert({
          severity: 'high',
          title: 'Restore Test Failed',
          message: `Could not restore ${testBackup.id}: ${error.message}`,
        })
      }
    })

    for (const job of jobs) await job()
    expect(told).toEqual([
      'backup.success',
      'backup.duration',
      'Warning: Less than 7 backups available',
      'Monthly backup restore test: PASSED',
    ])
  })

  it('Level 6: Selective Backups', async () => {
    const db = await filled(2)
    for (const name of ['orders', 'sessions', 'cache_pages'])
      await db.createResource({ name, attributes: { n: 'number' } })
    const BackupPlugin = pluginsOf(db)

    const plugin = new BackupPlugin({
      driver: 's3',
      config: {
        bucket: 'backups',
        region: 'us-east-1',
        compression: 'gzip',
      },
    })

    // Backup only specific resources
    const selective = await plugin.backup('selective', {
      resources: ['users', 'orders'], // Skip logs, analytics, temp data
      exclude: ['sessions', 'cache_*'],
    })
    expect(selective.resources).toEqual(['users', 'orders'])

    await plugin.backup('full')
    const lastBackupTime = new Date()
    await db.resources.users.insert({ id: 'new', name: 'New', n: 9 })

    // Or incremental (only changes since last backup)
    const incremental = await plugin.backup('incremental', {
      since: lastBackupTime,
    })
    expect(incremental.records).toBe(1)
  })
})
