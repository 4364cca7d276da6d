// @ts-nocheck: the snippets are JavaScript, and stand here as the document has them
// biome-ignore-all lint/correctness/noUnusedVariables: the same
import { existsSync, statSync, writeFileSync } from 'node:fs'
import { beforeEach, describe, expect, it } from 'vitest'
import {
  at,
  databases,
  documented,
  BackupPlugin as InstalledPlugin,
  pluginsOf,
  storageClassOf,
} from './documented-scene.js'
import { connected, filled, scratch } from './scene.js'

documented()

/** Every snippet with several destinations, under the newer document's name for them and the older one's. */
const names = ['drivers', 'destinations']

async function usersAndPosts() {
  const db = await filled(3)
  const posts = await db.createResource({ name: 'posts', attributes: { title: 'string' } })
  await posts.insert({ id: 'p0', title: 'Hello' })
  return db
}

describe('Installation & Setup', () => {
  it('Basic Setup (Filesystem)', async () => {
    const S3db = databases()
    const BackupPlugin = InstalledPlugin

    const s3db = new S3db({
      connectionString: 's3://ACCESS_KEY:SECRET_KEY@BUCKET_NAME/databases/myapp',
    })

    await s3db.connect()

    // Install backup plugin with filesystem driver
    const backupPlugin = new BackupPlugin({
      driver: 'filesystem',
      config: {
        path: './backups/{date}/',
        compression: 'gzip',
      },
      retention: {
        daily: 7,
        weekly: 4,
        monthly: 12,
      },
    })

    await s3db.usePlugin(backupPlugin)

    // Create backups
    const fullBackup = await backupPlugin.backup('full')
    console.log('Backup ID:', fullBackup.id)

    // List and restore
    const backups = await backupPlugin.listBackups()
    await backupPlugin.restore(fullBackup.id)

    expect(backups.map(({ id }) => id)).toEqual([fullBackup.id])
    expect(existsSync(at(`backups/${fullBackup.timestamp.slice(0, 10)}/${fullBackup.id}/s3db.json`))).toBe(
      true,
    )
  })

  it('S3 Storage Setup', async () => {
    const BackupPlugin = pluginsOf(await filled(2))
    const backupPlugin = new BackupPlugin({
      driver: 's3',
      config: {
        bucket: 'my-backup-bucket',
        path: 'database/{date}/',
        storageClass: 'STANDARD_IA',
        serverSideEncryption: 'AES256',
      },
      compression: 'gzip',
      verification: true,
    })

    const { path, timestamp } = await backupPlugin.backup()
    expect(path).toContain(`s3://my-backup-bucket/database/${timestamp.slice(0, 10)}/full-`)
  })

  it.each(names)('Multi-Destination Setup: %s', async (name) => {
    const BackupPlugin = pluginsOf(await filled(2))
    const backupPlugin = new BackupPlugin({
      driver: 'multi',
      config: {
        strategy: 'all', // 'all', 'any', 'priority'
        [name]: [
          {
            driver: 'filesystem',
            config: { path: '/local/backups/{date}/' },
          },
          {
            driver: 's3',
            config: {
              bucket: 'remote-backups',
              storageClass: 'GLACIER',
            },
          },
        ],
      },
    })

    const { driverInfo } = await backupPlugin.backup()
    expect(driverInfo).toMatchObject([{ status: 'success' }, { status: 'success' }])
  })
})

describe('Driver Types', () => {
  it('Filesystem Driver', async () => {
    const plugin = new InstalledPlugin({
      database: await filled(2),
      driver: 'filesystem',
      config: {
        path: '/backups/{date}/', // Template path with variables
        permissions: 0o644, // File permissions
        directoryPermissions: 0o755, // Directory permissions
      },
    })

    const { files, path } = await plugin.backup()
    expect(statSync(files.users).mode & 0o777).toBe(0o644)
    expect(statSync(path).mode & 0o777).toBe(0o755)
  })

  it('Path Templates', async () => {
    const plugin = new InstalledPlugin({
      database: await filled(1),
      config: { path: '/t/{date}/{time}/{year}/{month}/{day}/{type}/{backupId}/' },
    })
    const { id, path, timestamp } = await plugin.backup('full')
    const [date, time] = timestamp.slice(0, 19).replaceAll(':', '-').split('T')
    const [year, month, day] = date.split('-')
    expect(path.slice(at('t').length)).toMatch(`/${date}/${time}/${year}/${month}/${day}/full/${id}`)
  })

  it('S3 Driver', () => {
    const customS3Client = { send: async () => ({}), destroy: () => undefined, config: {} }
    const { driver } = new InstalledPlugin({
      driver: 's3',
      config: {
        bucket: 'my-backup-bucket', // S3 bucket (optional, uses database bucket)
        path: 'backups/{date}/', // S3 key prefix with templates
        storageClass: 'STANDARD_IA', // S3 storage class
        serverSideEncryption: 'AES256', // Server-side encryption
      },
    })
    expect(driver.getType()).toBe('s3')
    expect(driver.getStorageInfo()).toMatchObject({ type: 's3', path: 's3://my-backup-bucket/backups' })
  })

  it.each(['STANDARD', 'STANDARD_IA', 'ONEZONE_IA', 'REDUCED_REDUNDANCY', 'GLACIER', 'DEEP_ARCHIVE'])(
    'Storage Classes: %s',
    async (storageClass) => {
      const database = await filled(2)
      const config = { bucket: 'backups', path: storageClass, storageClass }
      const plugin = new InstalledPlugin({ database, driver: 's3', config })
      const { path, status } = await plugin.backup()
      expect(status).toBe('completed')
      expect(await storageClassOf(`${path}/users.jsonl.gz`)).toBe(storageClass)
      expect(await storageClassOf(`${path}/s3db.json`)).toBe('STANDARD')
      expect(plugin.driver.getStorageInfo().config).toMatchObject({ storageClass })
    },
  )

  describe.each(names)('Multi Driver: %s', (name) => {
    const config = (strategy, ...places) => ({
      strategy, // Backup strategy
      concurrency: 3, // Max concurrent uploads
      [name]: places,
    })
    const good = { driver: 'filesystem', config: { path: 'good' } }
    const other = { driver: 'filesystem', config: { path: 'other' } }
    // A directory cannot be below a file.
    const bad = { driver: 'filesystem', config: { path: 'file/below' } }
    beforeEach(() => writeFileSync(at('file'), ''))

    it('all: fails if any fails', async () => {
      const database = await filled(1)
      const plugin = new InstalledPlugin({ database, driver: 'multi', config: config('all', good, bad) })
      await expect(plugin.backup()).rejects.toMatchObject({ driver: 'multi' })
      const whole = new InstalledPlugin({ database, driver: 'multi', config: config('all', good, other) })
      expect(await whole.backup()).toMatchObject({
        driverInfo: [{ status: 'success' }, { status: 'success' }],
      })
    })

    it('any: succeeds if at least one succeeds', async () => {
      const database = await filled(1)
      const plugin = new InstalledPlugin({ database, driver: 'multi', config: config('any', bad, good) })
      const { id } = await plugin.backup()
      expect(existsSync(at(`good/${id}/s3db.json`))).toBe(true)
      expect((await plugin.restore(id)).restored).toEqual(['users'])
    })

    it('priority: stops on first success', async () => {
      const database = await filled(1)
      const plugin = new InstalledPlugin({
        database,
        driver: 'multi',
        config: config('priority', bad, good, other),
      })
      const { id } = await plugin.backup()
      expect([existsSync(at(`good/${id}`)), existsSync(at(`other/${id}`))]).toEqual([true, false])
    })

    it('priority: passes over a bucket that does not exist', async () => {
      const lost = { driver: 's3', config: { bucket: 'invalid' } }
      const plugin = new InstalledPlugin({
        database: await filled(1),
        driver: 'multi',
        config: config('priority', lost, good),
      })
      const { id, driverInfo } = await plugin.backup()
      expect(existsSync(at(`good/${id}/s3db.json`))).toBe(true)
      expect(driverInfo).toMatchObject([{ status: 'failed' }, { status: 'success' }])
    })
  })
})

describe('Configuration Options', () => {
  it('Defaults', () => {
    const { config, driver } = new InstalledPlugin()
    expect(driver.getType()).toBe('filesystem')
    expect(config).toMatchObject({ compression: 'gzip', verification: true, emitEvents: true })
    expect(config.retention).toBeUndefined()
    expect(config.include ?? null).toBeNull()
  })

  it('include and exclude', async () => {
    const database = await usersAndPosts()
    const only = new InstalledPlugin({ database, include: ['users'], config: { path: 'a' } })
    const not = new InstalledPlugin({ database, exclude: ['users'], config: { path: 'b' } })
    expect((await only.backup()).resources).toEqual(['users'])
    expect((await not.backup()).resources).toEqual(['posts'])
  })

  it.each([
    ['none', /users\.jsonl$/],
    ['gzip', /users\.jsonl\.gz$/],
    ['brotli', /users\.jsonl\.br$/],
    ['deflate', /users\.jsonl\.deflate$/],
  ])('compression: %s', async (compression, file) => {
    const database = await filled(3)
    const plugin = new InstalledPlugin({ database, compression, config: { path: 'a' } })
    const { id, files } = await plugin.backup()
    expect(files.users).toMatch(file)
    await database.resources.users.delete('u1')
    await plugin.restore(id)
    expect(await database.resources.users.get('u1')).toMatchObject({ name: 'Zoë 1' })
  })

  it('tempDir: accepted, and nothing is ever written there', async () => {
    const tempDir = scratch()
    const plugin = new InstalledPlugin({ database: await filled(3), tempDir, config: { path: 'a' } })
    const before = statSync(tempDir).mtimeMs
    const { id } = await plugin.backup()
    await plugin.restore(id, { overwrite: true })
    expect(statSync(tempDir).mtimeMs).toBe(before)
    expect(plugin.config.tempDir).toBe(tempDir)
  })

  it('Retention Policies (GFS)', async () => {
    const plugin = new InstalledPlugin({
      database: await filled(1),
      config: { path: 'a' },
      retention: {
        daily: 7, // Keep 7 daily backups
        weekly: 4, // Keep 4 weekly backups
        monthly: 12, // Keep 12 monthly backups
        yearly: 3, // Keep 3 yearly backups
      },
    })
    const made = []
    for (let count = 0; count < 3; count++) made.push((await plugin.backup()).id)
    // The newest of the day, and the oldest of all while the years are not full.
    expect((await plugin.list()).map(({ id }) => id)).toEqual([made[2], made[0]])
  })
})

describe('Usage Examples', () => {
  it('Basic Backup Operations', async () => {
    const backupPlugin = new InstalledPlugin({ database: await usersAndPosts(), config: { path: 'a' } })

    // Full backup - complete database snapshot
    const fullBackup = await backupPlugin.backup('full')
    console.log(`✓ Full backup: ${fullBackup.id} (${fullBackup.size} bytes)`)

    // Incremental backup - changes since last backup
    const incrementalBackup = await backupPlugin.backup('incremental')

    // Selective backup - specific resources only
    const selectiveBackup = await backupPlugin.backup('full', {
      resources: ['users', 'posts'],
    })

    // Custom backup type
    const customBackup = await backupPlugin.backup('weekly-snapshot')

    expect(fullBackup).toMatchObject({ type: 'full', records: 4 })
    expect(incrementalBackup).toMatchObject({ type: 'incremental', parent: fullBackup.id, records: 0 })
    expect(selectiveBackup.resources).toEqual(['users', 'posts'])
    expect(customBackup.id).toMatch(/^weekly-snapshot-/)
  })

  it('Backup Management', async () => {
    const db = await usersAndPosts()
    const backupPlugin = new InstalledPlugin({ database: db, config: { path: 'a' } })
    const { id: backupId } = await backupPlugin.backup('full')
    await db.resources.users.update('u0', { name: 'Changed' })

    // List all backups
    const allBackups = await backupPlugin.listBackups()

    // List with filters
    const recentBackups = await backupPlugin.listBackups({
      limit: 10,
      prefix: 'full-2024',
    })

    // Get backup status
    const status = await backupPlugin.getBackupStatus(backupId)
    console.log(`Status: ${status.status}, Size: ${status.size}`)

    // Restore operations
    await backupPlugin.restore(backupId) // Full restore
    expect(await db.resources.users.get('u0')).toMatchObject({ name: 'Changed' })
    await backupPlugin.restore(backupId, { overwrite: true }) // Overwrite existing
    expect(await db.resources.users.get('u0')).toMatchObject({ name: 'Zoë 0' })
    const selective = await backupPlugin.restore(backupId, {
      resources: ['users'],
    }) // Selective restore

    expect(allBackups).toHaveLength(1)
    expect(recentBackups).toHaveLength(0)
    expect(status).toMatchObject({ status: 'completed', size: expect.any(Number) })
    expect(selective).toMatchObject({ backupId, restored: ['users'] })
  })

  it.each(names)('Enterprise Multi-Region Setup: %s', async (name) => {
    const BackupPlugin = pluginsOf(await filled(2))
    const enterpriseBackup = new BackupPlugin({
      driver: 'multi',
      config: {
        strategy: 'all',
        [name]: [
          {
            driver: 's3',
            config: {
              bucket: 'backups-us-east-1',
              path: 'production/{date}/',
              storageClass: 'STANDARD_IA',
            },
          },
          {
            driver: 's3',
            config: {
              bucket: 'backups-eu-west-1',
              path: 'production/{date}/',
              storageClass: 'STANDARD_IA',
            },
          },
          {
            driver: 'filesystem',
            config: {
              path: '/mnt/backup-nas/s3db/{date}/',
            },
          },
        ],
      },
      retention: {
        daily: 30,
        weekly: 12,
        monthly: 24,
        yearly: 7,
      },
      verification: true,
      compression: 'gzip',
    })

    const { driverInfo } = await enterpriseBackup.backup()
    expect(driverInfo.map(({ status }) => status)).toEqual(['success', 'success', 'success'])
  })
})

describe('API Reference', () => {
  it('Plugin Constructor', () => {
    const noop = async () => undefined
    const options = {
      driver: 'filesystem',
      config: { path: 'a' },
      retention: {},
      include: ['users'],
      exclude: ['logs'],
      compression: 'brotli',
      verification: false,
      tempDir: '/nowhere',
      logLevel: 'debug',
      verbose: true,
      onBackupStart: noop,
      onBackupComplete: noop,
      onBackupError: noop,
    }
    const { config: _, ...rest } = options
    expect(new InstalledPlugin(options).config).toMatchObject(rest)
  })

  it('backup(type, options?)', async () => {
    const backupPlugin = new InstalledPlugin({ database: await usersAndPosts(), config: { path: 'a' } })
    const result = await backupPlugin.backup('full', {
      resources: ['users', 'posts'], // Optional: specific resources
      compression: 'gzip', // Optional: override compression
      metadata: { project: 'v2.0' }, // Optional: custom metadata
    })
    expect(result.metadata).toEqual({ project: 'v2.0' })
    expect((await backupPlugin.getBackupStatus(result.id)).metadata).toEqual({ project: 'v2.0' })
  })

  it('listBackups(options?)', async () => {
    const backupPlugin = new InstalledPlugin({ database: await filled(1), config: { path: 'a' } })
    const { id, timestamp } = await backupPlugin.backup()
    await backupPlugin.backup('weekly')
    const backups = await backupPlugin.listBackups({
      limit: 20,
      prefix: 'full-',
      startDate: '2024-01-01',
      endDate: '2024-12-31',
    })
    expect(backups).toEqual([])
    const year = timestamp.slice(0, 4)
    const range = { startDate: `${year}-01-01`, endDate: timestamp.slice(0, 10) }
    const found = await backupPlugin.listBackups({ limit: 20, prefix: 'full-', ...range })
    expect(found.map((backup) => backup.id)).toEqual([id])
  })

  it('getBackupStatus(backupId)', async () => {
    const backupPlugin = new InstalledPlugin({ config: { path: 'a' } })
    const status = await backupPlugin.getBackupStatus('full-2024-01-15-abc123')
    expect(status).toBeNull()
  })

  it('restore(backupId, options?)', async () => {
    const database = await usersAndPosts()
    const backupPlugin = new InstalledPlugin({ database, config: { path: 'a' } })
    const { id } = await backupPlugin.backup()
    const result = await backupPlugin.restore(id, {
      overwrite: true, // Overwrite existing data
      resources: ['users'], // Selective restore
      target: 'different-database', // Restore to different database
    })
    expect(result).toMatchObject({ restored: ['users'], resources: { users: { restored: 3 } } })
    const target = await connected()
    await backupPlugin.restore(id, { target })
    expect(await target.resources.posts.get('p0')).toMatchObject({ title: 'Hello' })
  })

  it('deleteBackup(backupId)', async () => {
    const backupPlugin = new InstalledPlugin({ database: await filled(1), config: { path: 'a' } })
    const { id, path } = await backupPlugin.backup()
    await backupPlugin.deleteBackup(id)
    expect(await backupPlugin.list()).toEqual([])
    expect(existsSync(path)).toBe(false)
    await expect(backupPlugin.deleteBackup(id)).rejects.toMatchObject({ code: 'not_found' })
  })

  it('cleanupBackups()', async () => {
    const database = await filled(1)
    const all = new InstalledPlugin({ database, config: { path: 'a' } })
    for (let made = 0; made < 3; made++) await all.backup()
    const backupPlugin = new InstalledPlugin({
      database,
      config: { path: 'a', retention: { policy: 'simple', count: 2 } },
    })
    const cleaned = await backupPlugin.cleanupBackups()
    console.log(`Cleaned up ${cleaned.count} old backups`)
    expect(cleaned.count).toBe(1)
    expect(cleaned.removed[0].reasons).not.toEqual([])
    expect(await all.cleanupBackups()).toMatchObject({ count: 0 })
  })

  it('cleanupBackups() without a policy removes nothing', async () => {
    const plugin = new InstalledPlugin({ database: await filled(1), config: { path: 'a' } })
    await plugin.backup()
    await plugin.backup()
    expect(await plugin.cleanupBackups()).toMatchObject({ count: 0, removed: [] })
    expect(await plugin.list()).toHaveLength(2)
  })
})
