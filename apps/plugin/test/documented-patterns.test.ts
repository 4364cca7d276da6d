// @ts-nocheck: the snippets are JavaScript, and stand here as the document has them
// biome-ignore-all lint/correctness/noUnusedVariables: the same
// biome-ignore-all lint/correctness/noUnusedFunctionParameters: the same
// biome-ignore-all lint/suspicious/noEmptyBlockStatements: the same
// biome-ignore-all lint/complexity/useOptionalChain: the same
import { describe, expect, it, vi } from 'vitest'
import { databases, documented, BackupPlugin as InstalledPlugin, pluginsOf } from './documented-scene.js'
import { filled } from './scene.js'

documented()

describe('Advanced Patterns', () => {
  it.each([
    ['newer', 'plg:backup:start', 'plg:backup:complete', 'plg:backup:restore-complete'],
    ['older', 'backup_start', 'backup_complete', 'restore_complete'],
  ])('Event-Driven Backup Monitoring: %s names', async (_, start, complete, restored) => {
    const BackupPlugin = pluginsOf(await filled(2))
    const told = []
    const notifySlack = async (text) => told.push(text)
    const alertOps = async (error) => told.push(error.message)
    const updateDashboard = (text) => told.push(text)
    const metrics = { record: (name, values) => told.push([name, values]) }

    const backupPlugin = new BackupPlugin({
      driver: 'filesystem',
      config: { path: './backups/' },

      // Lifecycle hooks
      onBackupStart: async (type, { backupId }) => {
        console.log(`🚀 Starting ${type} backup: ${backupId}`)
        await notifySlack(`Backup ${backupId} started`)
      },

      onBackupComplete: async (type, stats) => {
        console.log(`✅ ${type} backup completed:`, {
          id: stats.backupId,
          size: `${Math.round(stats.size / 1024)}KB`,
          duration: `${stats.duration}ms`,
          destinations: stats.driverInfo,
        })
      },

      onBackupError: async (type, { backupId, error }) => {
        console.error(`❌ Backup ${backupId} failed:`, error.message)
        await alertOps(error)
      },
    })

    // Event listeners
    backupPlugin.on(start, ({ id, type }) => {
      updateDashboard(`Backup ${id} started`)
    })

    backupPlugin.on(complete, ({ id, type, size, duration }) => {
      metrics.record('backup.completed', { type, size, duration })
    })

    backupPlugin.on(restored, ({ id, restored }) => {
      console.log(`Restored ${restored.length} resources from ${id}`)
    })

    const { id, size, duration, driverInfo } = await backupPlugin.backup('full')
    await backupPlugin.restore(id)
    await backupPlugin.backup('full', { resources: ['nobody'] }).catch(() => undefined)
    expect(told).toEqual([
      `Backup ${id} started`,
      `Backup ${id} started`,
      ['backup.completed', { type: 'full', size, duration }],
      expect.stringMatching(/^Backup full-.* started$/),
      expect.stringContaining('nobody'),
    ])
    expect(console.log).toHaveBeenCalledWith('✅ full backup completed:', {
      id,
      size: `${Math.round(size / 1024)}KB`,
      duration: `${duration}ms`,
      destinations: driverInfo,
    })
    expect(console.log).toHaveBeenCalledWith(`Restored 1 resources from ${id}`)
  })

  it('Automated Backup Scheduling', async () => {
    const backupPlugin = new InstalledPlugin({ database: await filled(2), config: { path: 'a' } })
    const jobs = []
    class CronJob {
      constructor(cron, run) {
        jobs.push(run)
      }
      start() {}
      stop() {}
    }

    class BackupScheduler {
      constructor(backupPlugin) {
        this.plugin = backupPlugin
        this.schedules = new Map()
      }

      schedule(name, cron, backupType, options = {}) {
        const job = new CronJob(cron, async () => {
          try {
            console.log(`🕒 Running scheduled backup: ${name}`)
            const result = await this.plugin.backup(backupType, options)
            console.log(`✅ Scheduled backup completed: ${result.id}`)
          } catch (error) {
            console.error(`❌ Scheduled backup failed: ${name}`, error)
          }
        })

        this.schedules.set(name, job)
        job.start()

        console.log(`📅 Scheduled backup '${name}' created: ${cron}`)
      }

      unschedule(name) {
        const job = this.schedules.get(name)
        if (job) {
          job.stop()
          this.schedules.delete(name)
          console.log(`⏹️  Unscheduled backup: ${name}`)
        }
      }

      listSchedules() {
        return Array.from(this.schedules.keys())
      }
    }

    // Usage
    const scheduler = new BackupScheduler(backupPlugin)

    // Daily full backup at 2 AM
    scheduler.schedule('daily-full', '0 2 * * *', 'full')

    // Weekly incremental backup on Sundays at 6 AM
    scheduler.schedule('weekly-incremental', '0 6 * * 0', 'incremental')

    // Monthly archive backup on the 1st at midnight
    scheduler.schedule('monthly-archive', '0 0 1 * *', 'full', {
      compression: 'brotli',
      metadata: { type: 'archive' },
    })

    for (const job of jobs) await job()
    expect(scheduler.listSchedules()).toEqual(['daily-full', 'weekly-incremental', 'monthly-archive'])
    expect(console.error).not.toHaveBeenCalled()
    const made = (await backupPlugin.list()).map(({ type, metadata }) => [type, metadata])
    expect(made).toHaveLength(3)
    expect(made).toEqual(
      expect.arrayContaining([
        ['full', {}],
        ['incremental', {}],
        ['full', { type: 'archive' }],
      ]),
    )
  })

  it('Backup Verification and Testing', async () => {
    const S3db = databases()
    const backupPlugin = new InstalledPlugin({ database: await filled(2), config: { path: 'a' } })
    const { id } = await backupPlugin.backup()

    class BackupValidator {
      constructor(backupPlugin) {
        this.plugin = backupPlugin
      }

      async validateBackup(backupId) {
        console.log(`🔍 Validating backup: ${backupId}`)

        const validation = {
          backupId,
          timestamp: new Date().toISOString(),
          checks: {},
          overall: 'pending',
        }

        try {
          // Check backup exists and is accessible
          const status = await this.plugin.getBackupStatus(backupId)
          validation.checks.exists = status ? 'pass' : 'fail'

          // Check backup integrity
          if (status && status.checksum) {
            const integrity = await this.verifyChecksum(backupId, status.checksum)
            validation.checks.integrity = integrity ? 'pass' : 'fail'
          }

          // Test restore to temporary location
          const restoreTest = await this.testRestore(backupId)
          validation.checks.restore = restoreTest ? 'pass' : 'fail'

          // Check data completeness
          const completeness = await this.checkDataCompleteness(backupId)
          validation.checks.completeness = completeness ? 'pass' : 'fail'

          // Determine overall result
          const allPassed = Object.values(validation.checks).every((result) => result === 'pass')
          validation.overall = allPassed ? 'pass' : 'fail'
        } catch (error) {
          validation.error = error.message
          validation.overall = 'error'
        }

        console.log(
          `${validation.overall === 'pass' ? '✅' : '❌'} Validation ${validation.overall}: ${backupId}`,
        )
        return validation
      }

      async verifyChecksum(backupId, expectedChecksum) {
        // Implementation would verify backup file checksum
        return true // Simplified for example
      }

      async testRestore(backupId) {
        try {
          // Create temporary database instance
          const tempDb = new S3db({
            connectionString: 's3://test:test@temp-bucket/validation',
          })

          await tempDb.connect()

          // Attempt restore
          await this.plugin.restore(backupId, {
            target: tempDb,
            dryRun: true,
          })

          await tempDb.disconnect()
          return true
        } catch (error) {
          console.error('Restore test failed:', error)
          return false
        }
      }

      async checkDataCompleteness(backupId) {
        // Implementation would check if all expected resources are in backup
        return true // Simplified for example
      }

      async runValidationReport() {
        const backups = await this.plugin.listBackups({ limit: 10 })
        const validations = []

        console.log(`🔍 Running validation on ${backups.length} recent backups...`)

        for (const backup of backups) {
          const validation = await this.validateBackup(backup.id)
          validations.push(validation)
        }

        const report = {
          timestamp: new Date().toISOString(),
          totalBackups: validations.length,
          passed: validations.filter((v) => v.overall === 'pass').length,
          failed: validations.filter((v) => v.overall === 'fail').length,
          errors: validations.filter((v) => v.overall === 'error').length,
          validations,
        }

        console.log('\n📋 BACKUP VALIDATION REPORT')
        console.log(`Total Backups: ${report.totalBackups}`)
        console.log(`✅ Passed: ${report.passed}`)
        console.log(`❌ Failed: ${report.failed}`)
        console.log(`🚨 Errors: ${report.errors}`)

        return report
      }
    }

    // Usage
    const validator = new BackupValidator(backupPlugin)

    // Validate specific backup
    const validation = await validator.validateBackup('backup-id')

    // Run comprehensive validation report
    const report = await validator.runValidationReport()

    expect(validation).toMatchObject({ overall: 'fail', checks: { exists: 'fail', restore: 'fail' } })
    expect(report).toMatchObject({
      totalBackups: 1,
      passed: 1,
      failed: 0,
      errors: 0,
      validations: [
        {
          backupId: id,
          checks: { exists: 'pass', integrity: 'pass', restore: 'pass', completeness: 'pass' },
        },
      ],
    })
  })
})

describe('Best Practices', () => {
  it.each(['drivers', 'destinations'])('1. Choose the Right Driver Strategy: %s', (name) => {
    // For critical data: Multi-destination with 'all' strategy
    const critical = {
      driver: 'multi',
      config: {
        strategy: 'all', // Ensure all destinations succeed
        [name]: [
          { driver: 'filesystem', config: { path: '/local/backup/' } },
          { driver: 's3', config: { bucket: 'remote-backup' } },
        ],
      },
    }

    // For cost optimization: Priority strategy
    const cheap = {
      driver: 'multi',
      config: {
        strategy: 'priority', // Try cheap options first
        [name]: [
          { driver: 'filesystem', config: { path: '/local/backup/' } }, // Fast, cheap
          { driver: 's3', config: { bucket: 'remote-backup', storageClass: 'GLACIER' } }, // Slow, cheap
        ],
      },
    }

    for (const options of [critical, cheap])
      expect(new InstalledPlugin(options).driver.getType()).toBe('multi')
  })

  it.each([
    ['production', { daily: 30, weekly: 12, monthly: 24, yearly: 5 }],
    ['development', { daily: 7, weekly: 4 }],
  ])('2. Implement Proper Retention Policies: %s', (_, retention) => {
    expect(new InstalledPlugin({ retention }).config.retention).toEqual(retention)
  })

  it('3. Use Compression Appropriately', async () => {
    const BackupPlugin = pluginsOf(await filled(2))
    // For network storage or cloud backups
    const cloud = {
      driver: 's3',
      compression: 'gzip', // Good balance of speed and compression
      config: {
        bucket: 'backups',
        storageClass: 'STANDARD_IA', // Reduce storage costs
      },
    }

    // For local fast storage
    const local = {
      compression: 'none', // Skip compression for speed
      verification: true, // But always verify integrity
    }

    expect((await new BackupPlugin(cloud).backup()).files.users).toMatch(/\.jsonl\.gz$/)
    expect((await new BackupPlugin(local).backup()).files.users).toMatch(/\.jsonl$/)
  })

  it('4. Monitor Backup Health', async () => {
    const backupPlugin = new InstalledPlugin({ database: await filled(2), config: { path: 'a' } })

    // Set up backup monitoring
    const monitorBackups = async () => {
      const backups = await backupPlugin.listBackups({ limit: 5 })
      const latestBackup = backups[0]

      if (!latestBackup) {
        console.warn('⚠️  No backups found!')
        return
      }

      const age = Date.now() - new Date(latestBackup.timestamp).getTime()
      const hoursOld = age / (1000 * 60 * 60)

      if (hoursOld > 25) {
        // More than 25 hours old
        console.warn(`⚠️  Latest backup is ${Math.round(hoursOld)} hours old`)
      }

      // Test backup integrity
      const status = await backupPlugin.getBackupStatus(latestBackup.id)
      if (status.status !== 'completed') {
        console.error(`❌ Latest backup status: ${status.status}`)
      }
    }

    await monitorBackups()
    expect(console.warn).toHaveBeenLastCalledWith('⚠️  No backups found!')
    await backupPlugin.backup()
    await monitorBackups()
    expect(console.warn).toHaveBeenCalledTimes(1)
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 26 * 60 * 60 * 1000 })
    await monitorBackups()
    vi.useRealTimers()
    expect(console.warn).toHaveBeenLastCalledWith('⚠️  Latest backup is 26 hours old')
    expect(console.error).not.toHaveBeenCalled()
  })

  // The older document has `testDb.resource('users')`, which s3db.js does not have.
  it('6. Test Restore Procedures', async () => {
    const S3db = databases()
    const backupPlugin = new InstalledPlugin({ database: await filled(3), config: { path: 'a' } })
    await backupPlugin.backup()

    // Regular restore testing
    const testRestore = async () => {
      const backups = await backupPlugin.listBackups({ limit: 1 })
      if (backups.length === 0) return

      const testDb = new S3db({
        connectionString: 's3://test:test@test-bucket/restore-test',
      })

      try {
        await testDb.connect()

        // Test selective restore
        await backupPlugin.restore(backups[0].id, {
          target: testDb,
          resources: ['users'], // Test with smaller dataset
          overwrite: true,
        })

        // Verify data
        const testUsers = testDb.resources.users
        const count = await testUsers.count()

        console.log(`✅ Restore test successful: ${count} users restored`)
      } catch (error) {
        console.error('❌ Restore test failed:', error)
      } finally {
        await testDb.disconnect()
      }
    }

    await testRestore()
    expect(console.error.mock.calls).toEqual([])
    expect(console.log).toHaveBeenCalledWith('✅ Restore test successful: 3 users restored')
  })
})
