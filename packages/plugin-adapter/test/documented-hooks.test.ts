import { BackupError } from '@s3db-backup/core'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Logger, PluginOptions } from '../src/index.js'
import { openNew, plugin as pluginWith } from './plugins.js'

const names = [
  'plg:backup:start',
  'plg:backup:progress',
  'plg:backup:complete',
  'plg:backup:error',
  'plg:backup:cancelled',
  'plg:backup:restore-start',
  'plg:backup:restore-complete',
  'plg:backup:restore-error',
  'plg:backup:hook-error',
  'backup_start',
  'backup_complete',
  'backup_error',
  'restore_complete',
] as const

type Payload = Record<string, unknown>

/** A plugin in a database with two records, and what it told whom. */
async function installed(options: PluginOptions = {}) {
  const database = await openNew()
  const users = await database.createResource({ name: 'users', attributes: { name: 'string' } })
  await users.insertMany([{ name: 'Alice' }, { name: 'Bob' }])
  const { plugin, driver } = pluginWith(options)
  const onPlugin: [string, Payload][] = []
  const onDatabase: [string, Payload][] = []
  for (const name of names) {
    plugin.on(name, (payload: object) => onPlugin.push([name, { ...payload }]))
    database.on(name, (payload: unknown) => onDatabase.push([name, payload as Payload]))
  }
  await database.usePlugin(plugin, 'backup')
  return { database, plugin, driver, onPlugin, onDatabase }
}

const payloadOf = (events: readonly [string, Payload][], name: string) =>
  events.find(([event]) => event === name)?.[1]

const namesOf = (events: readonly [string, Payload][]) => [...new Set(events.map(([name]) => name))]

/** A log in memory, as pino has them. */
function logInMemory() {
  const lines: [string, string][] = []
  const levels: readonly string[] = ['debug', 'info', 'warn', 'error']
  const made = (from: number): Logger => {
    const write = (level: string) => (_: unknown, message: string) => {
      if (levels.indexOf(level) >= from) lines.push([level, message])
    }
    return {
      debug: write('debug'),
      info: write('info'),
      warn: write('warn'),
      error: write('error'),
      child: (_, { level }) => made(levels.indexOf(level)),
    }
  }
  return { lines, logger: made(1) }
}

describe('hooks', () => {
  it('are called with the documented arguments, sync or async', async () => {
    const calls: [string, string, Payload][] = []
    const note = (name: string) => (subject: string, details: Payload) =>
      void calls.push([name, subject, details])
    const { plugin } = await installed({
      onBackupStart: note('start'),
      onBackupComplete: async (type, details) => note('complete')(type, details),
      onRestoreStart: note('restore start'),
      onRestoreComplete: async (id, details) => note('restore complete')(id, details),
    })
    const { id, size, duration, driverInfo } = await plugin.backup('full')
    await plugin.restore(id, { overwrite: true })
    expect(calls).toMatchObject([
      ['start', 'full', { backupId: id }],
      ['complete', 'full', { backupId: id, size, duration, driverInfo }],
      ['restore start', id, { backupId: id }],
      ['restore complete', id, { backupId: id, restored: ['users'] }],
    ])
  })

  it('get addresses without credentials, because hooks log what they get', async () => {
    const told: string[] = []
    const { plugin } = await installed({
      onRestoreStart(_, details) {
        told.push(JSON.stringify(details))
        throw new Error('seen')
      },
    })
    const { id } = await plugin.backup('full')
    for (const name of ['target', 'destination'])
      await expect(
        plugin.restore(id, { [name]: 's3://AKID:sec@ret@bucket/x?region=eu&sessionToken=abc' }),
      ).rejects.toThrow('seen')
    expect(told).toHaveLength(2)
    for (const text of told) expect(text).toContain('s3://***@bucket/x?region=eu&sessionToken=***')
  })

  it('are waited for: nothing is read before onBackupStart has ended', async () => {
    const order: string[] = []
    const { plugin } = await installed({
      async onBackupStart() {
        await new Promise((resolve) => setImmediate(resolve))
        order.push('hook')
      },
    })
    plugin.on('plg:backup:start', () => order.push('backup'))
    await plugin.backup()
    expect(order).toEqual(['hook', 'backup'])
  })

  it('onBackupStart can refuse: the backup rejects with its error, and nothing is written', async () => {
    const cause = new Error('Hook failed')
    const { plugin, driver, onPlugin } = await installed({ onBackupStart: () => Promise.reject(cause) })
    const error = await plugin.backup().catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(BackupError)
    expect(error).toMatchObject({ message: 'The hook onBackupStart failed: Hook failed', cause })
    expect(driver.objects.size).toBe(0)
    expect(payloadOf(onPlugin, 'plg:backup:error')).toMatchObject({ type: 'full', error })
  })

  it('onRestoreStart can refuse: nothing is changed', async () => {
    const { plugin, database } = await installed({
      onRestoreStart: () => {
        throw new Error('not on Fridays')
      },
    })
    const { id } = await plugin.backup()
    const users = await database.getResource('users')
    await users.deleteMany(await users.listIds())
    await expect(plugin.restore(id, { mode: 'replace' })).rejects.toMatchObject({
      name: 'BackupError',
      operation: 'restore',
      message: expect.stringContaining('not on Fridays'),
    })
    expect(await users.count()).toBe(0)
  })

  it('that run afterwards cannot break anything: their failures are reported', async () => {
    const { lines, logger } = logInMemory()
    const broken = () => {
      throw new Error('pager is down')
    }
    const { plugin, onPlugin } = await installed({
      onBackupComplete: broken,
      onBackupError: async () => broken(),
      onRestoreComplete: broken,
      onRestoreError: broken,
    })
    Reflect.set(plugin, 'logger', logger)
    const { id } = await plugin.backup()
    await plugin.restore(id)
    await expect(plugin.restore('full-nothing')).rejects.toMatchObject({ code: 'not_found' })
    await expect(plugin.backup('full', { resources: ['nobody'] })).rejects.toMatchObject({
      code: 'not_found',
    })
    const reported = onPlugin.filter(([name]) => name === 'plg:backup:hook-error').map(([, { hook }]) => hook)
    expect(reported).toEqual(['onBackupComplete', 'onRestoreComplete', 'onRestoreError', 'onBackupError'])
    expect(lines).toEqual(reported.map(() => ['warn', 'a backup hook failed']))
  })

  it('onBackupError gets the id and the error', async () => {
    const told: unknown[] = []
    const { plugin } = await installed({ onBackupError: (type, details) => told.push([type, details]) })
    const error = await plugin.backup('full', { resources: ['nobody'] }).catch((reason: unknown) => reason)
    expect(told).toEqual([['full', { backupId: expect.stringMatching(/^full-/), error }]])
  })

  it('and exclude can be set after the plugin was made', async () => {
    const { plugin, database } = await installed()
    await database.createResource({ name: 'logs', attributes: { line: 'string' } })
    const types: string[] = []
    plugin.config.exclude = ['logs']
    plugin.config.onBackupComplete = (type) => types.push(type)
    expect((await plugin.backup()).resources).toEqual(['users'])
    expect(types).toEqual(['full'])
  })
})

describe('events', () => {
  it('reach the plugin and the database with the documented payloads, and under their older names', async () => {
    const { plugin, onPlugin, onDatabase } = await installed()
    const { id, size, duration, path } = await plugin.backup()
    await plugin.restore(id)
    for (const events of [onPlugin, onDatabase]) {
      expect(payloadOf(events, 'plg:backup:start')).toMatchObject({ id, type: 'full' })
      const progress = events.filter(([name]) => name === 'plg:backup:progress')
      expect(progress.map(([, { resource, records }]) => [resource, records])).toContainEqual(['users', 2])
      expect(payloadOf(events, 'plg:backup:complete')).toMatchObject({
        id,
        type: 'full',
        size,
        duration,
        path,
      })
      expect(payloadOf(events, 'plg:backup:restore-start')).toMatchObject({ id })
      expect(payloadOf(events, 'plg:backup:restore-complete')).toMatchObject({ id, restored: ['users'] })
    }
    expect(payloadOf(onPlugin, 'backup_start')).toMatchObject({ id, type: 'full' })
    expect(payloadOf(onPlugin, 'backup_complete')).toMatchObject({ id, type: 'full', size, duration })
    expect(payloadOf(onPlugin, 'restore_complete')).toMatchObject({ id, restored: ['users'] })
  })

  it('of a failure carry the error itself', async () => {
    const { plugin, onPlugin, onDatabase } = await installed()
    const error = await plugin.backup('full', { resources: ['nobody'] }).catch((reason: unknown) => reason)
    const lost = await plugin.restore('full-nothing').catch((reason: unknown) => reason)
    for (const events of [onPlugin, onDatabase]) {
      expect(payloadOf(events, 'plg:backup:error')).toMatchObject({ type: 'full', error })
      expect(payloadOf(events, 'plg:backup:restore-error')).toMatchObject({ id: 'full-nothing', error: lost })
    }
    expect(payloadOf(onPlugin, 'backup_error')).toMatchObject({ error })
  })

  it('report an aborted backup as cancelled and as failed', async () => {
    const reason = new Error('enough')
    const { plugin, onPlugin, driver } = await installed({ onBackupStart: () => controller.abort(reason) })
    const controller = new AbortController()
    await expect(plugin.backup('full', { signal: controller.signal })).rejects.toBe(reason)
    expect(namesOf(onPlugin)).toEqual(['plg:backup:cancelled', 'plg:backup:error', 'backup_error'])
    expect(payloadOf(onPlugin, 'plg:backup:cancelled')).toMatchObject({ type: 'full', error: reason })
    expect(driver.objects.size).toBe(0)
  })

  it('are not sent with emitEvents: false; hooks are still called', async () => {
    const types: string[] = []
    const { plugin, onPlugin, onDatabase } = await installed({
      emitEvents: false,
      onBackupComplete: (type) => types.push(type),
    })
    await plugin.backup()
    expect([onPlugin, onDatabase]).toEqual([[], []])
    expect(types).toEqual(['full'])
  })

  it('listeners that fail, sync or async, break nothing and are reported', async () => {
    const unhandled: unknown[] = []
    const note = (reason: unknown) => unhandled.push(reason)
    process.on('unhandledRejection', note)
    onTestFinished(() => void process.off('unhandledRejection', note))
    const { lines, logger } = logInMemory()
    const { plugin } = await installed()
    Reflect.set(plugin, 'logger', logger)
    plugin.on('plg:backup:start', () => {
      throw new Error('sync')
    })
    plugin.on('plg:backup:complete', async () => {
      throw new Error('async')
    })
    await plugin.backup()
    await new Promise((resolve) => setImmediate(resolve))
    expect(unhandled).toEqual([])
    expect(lines).toEqual([
      ['warn', 'a listener of a backup event failed'],
      ['warn', 'a listener of a backup event failed'],
    ])
  })
})

describe('logLevel and verbose', () => {
  const everything = [
    ['info', 'backup started'],
    ['debug', 'backup under way'],
    ['info', 'backup complete'],
  ]

  it.each<[string, PluginOptions, unknown]>([
    ["logLevel: 'debug'", { logLevel: 'debug' }, everything],
    ['logLevel: true', { logLevel: true }, everything],
    ['verbose: true', { verbose: true }, everything],
    ["logLevel: 'info'", { logLevel: 'info' }, everything.filter(([level]) => level === 'info')],
    ["logLevel: 'warn'", { logLevel: 'warn' }, []],
    ['neither', {}, []],
    ['logLevel: false', { logLevel: false }, []],
  ])('%s', async (_, options, expected) => {
    const { lines, logger } = logInMemory()
    const { plugin } = await installed({ ...options, emitEvents: false })
    Reflect.set(plugin, 'logger', logger)
    await plugin.backup()
    expect(lines.filter((line, index) => line[1] !== lines[index - 1]?.[1])).toEqual(expected)
  })

  it('log nothing, and break nothing, without a logger', async () => {
    const { plugin } = await installed({ logLevel: 'debug' })
    Reflect.set(plugin, 'logger', undefined)
    await plugin.backup()
  })

  it('are checked', () => {
    expect(() => pluginWith({ logLevel: 'loud' } as unknown as PluginOptions)).toThrow('logLevel')
  })
})
