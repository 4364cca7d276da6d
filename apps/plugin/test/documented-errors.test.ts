// @ts-nocheck: the snippets are JavaScript, and stand here as the document has them
import { writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { at, BackupPlugin, documented } from './documented-scene.js'
import { failure, filled } from './scene.js'

documented()

describe('Error Handling', () => {
  it('Error Structure', async () => {
    const backupPlugin = new BackupPlugin({ database: await filled(1), config: { path: 'a' } })
    const seen = []
    const log = (value) => seen.push(value)
    try {
      await backupPlugin.backup('full', { resources: ['nobody'] })
    } catch (error) {
      log(error.name) // 'BackupError'
      log(error.message) // Human readable summary
      log(error.statusCode) // HTTP-aligned status (e.g. 409)
      log(error.retriable) // Should we retry automatically?
      log(error.suggestion) // Actionable remediation tip
      log(error.operation) // 'backup', 'restore', 'verify', etc.
      log(error.metadata) // Extra context (backupId, driver info, ...)
    }
    const text = expect.stringMatching(/\w+/)
    expect(seen).toEqual(['BackupError', text, 404, false, text, 'backup', expect.any(Object)])
  })
})

describe('Common Errors', () => {
  it('Driver Configuration Error', async () => {
    const error = await failure(
      () =>
        new BackupPlugin({
          driver: 'filesystem',
          config: { path: null }, // Missing required path
        }),
    )
    expect(error).toMatchObject({
      name: 'BackupError',
      operation: 'validateConfig',
      statusCode: 400,
      retriable: false,
      suggestion: 'Provide a valid config.path for the filesystem driver.',
      description: 'Invalid backup driver configuration',
    })
  })

  it('Backup Upload Failed', async () => {
    writeFileSync(at('file'), '')
    const backupPlugin = new BackupPlugin({ database: await filled(1), config: { path: 'file/below' } })
    const error = await failure(() => backupPlugin.backup('full'))
    expect(error).toMatchObject({
      name: 'BackupError',
      operation: 'upload',
      driver: 'filesystem',
      statusCode: 502,
      retriable: true,
      suggestion: 'Check disk space/permissions or network connectivity, then retry the upload.',
      description: 'Failed to upload backup file',
    })
  })

  it('Restore Failed', async () => {
    const backupPlugin = new BackupPlugin({ database: await filled(1), config: { path: 'a' } })
    const error = await failure(() => backupPlugin.restore('invalid-backup-id'))
    expect(error).toMatchObject({
      name: 'BackupError',
      message: "Backup 'invalid-backup-id' not found",
      operation: 'restore',
      statusCode: 404,
      retriable: false,
      suggestion: 'Confirm the backupId exists or run backupPlugin.list() before restoring.',
      description: 'Failed to restore from backup',
    })
  })

  it.each(['drivers', 'destinations'])('Multi-Destination Strategy Failed: %s', async (name) => {
    const backupPlugin = new BackupPlugin({
      database: await filled(1),
      driver: 'multi',
      config: {
        strategy: 'all',
        [name]: [
          { driver: 'filesystem', config: { path: '/valid/' } },
          { driver: 's3', config: { bucket: 'invalid' } }, // This fails
        ],
      },
    })
    const error = await failure(() => backupPlugin.backup('full'))
    expect(error).toMatchObject({
      name: 'BackupError',
      operation: 'backup',
      driver: 'multi',
      statusCode: 502,
      retriable: true,
      suggestion:
        'Inspect individual driver errors in error.metadata.destinations and fix the failing target.',
      description: 'Multi-destination backup failed',
      // Strategy: all
      metadata: { strategy: 'all', destinations: [{ status: expect.any(String) }, { status: 'failed' }] },
    })
  })

  it('Unknown driver', async () => {
    const error = await failure(() => new BackupPlugin({ driver: 'floppy' }))
    expect(error).toMatchObject({ message: 'Unknown backup driver: floppy', statusCode: 400 })
  })
})

it('Error Prevention', async () => {
  const told = []
  const notifyOps = async (...args) => told.push(args)
  const database = await filled(1)

  // ✅ Validate configuration before creating backups
  const backupPlugin = new BackupPlugin({
    database,
    driver: 'filesystem',
    config: {
      path: '/backups/{date}/',
      permissions: 0o644,
    },
    verification: true, // Always verify backups
    logLevel: 'debug', // Enable detailed logging
  })
  const { id: backupId } = await backupPlugin.backup('full')

  // ✅ Check backup status before restore
  const status = await backupPlugin.getBackupStatus(backupId)
  if (status.status === 'completed' && status.checksum) {
    await backupPlugin.restore(backupId)
    told.push('restored')
  }

  writeFileSync(at('file'), '')
  const failing = new BackupPlugin({ database, config: { path: 'file/below' } })

  // ✅ Handle errors gracefully
  try {
    await failing.backup('full')
  } catch (error) {
    if (error.name === 'BackupError') {
      console.error('Backup failed:', error.description)

      // Retry with different strategy or notify ops
      if (error.operation === 'upload') {
        await notifyOps('Backup upload failed', error)
      }
    }
  }

  expect(told).toEqual([
    'restored',
    ['Backup upload failed', expect.objectContaining({ operation: 'upload' })],
  ])
})
