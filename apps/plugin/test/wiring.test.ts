import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Database } from 's3db.js'
import { describe, expect, it } from 'vitest'
import { type AnyDriver, BackupPlugin } from '../src/index.js'
import { connected, failure, fileAddress, filled, install, made, scratch } from './scene.js'

const toDisk = (path = scratch()) => ({ driver: 'filesystem', config: { path } })

const s3dbJson = async (database: Database) => {
  const { Body } = await database.client.getObject('s3db.json')
  return JSON.parse(Buffer.from((await Body?.transformToByteArray?.()) ?? []).toString('utf8')).resources
}

describe('a plugin given to a database', () => {
  it('that is connected works at once, under the name "backup"', async () => {
    const database = await filled()
    const plugin = new BackupPlugin(toDisk())
    await install(database, plugin)
    expect(database.plugins.backup).toBe(plugin)
    expect((await plugin.backup('full')).records).toBe(3)
  })

  it('that is not yet connected says what to do', async () => {
    const database = made()
    const plugin = new BackupPlugin(toDisk())
    await install(database, plugin)
    await database.connect()
    for (const call of [
      () => plugin.backup('full'),
      () => plugin.restore('full-2024-03-15T14-30-45-abc123'),
    ]) {
      const error = await failure(call)
      expect(error.code === 'unavailable' || error.code === 'not_found').toBe(true)
    }
    const error = await failure(() => plugin.backup('full'))
    expect(error).toMatchObject({ code: 'unavailable', operation: 'connect', retriable: true })
    expect(error.suggestion).toContain('db.connect()')
    expect(error.suggestion).toContain('database: db')
  })

  it('that is not yet connected works if it is also given the database', async () => {
    const database = made()
    const plugin = new BackupPlugin({ ...toDisk(), database })
    await install(database, plugin)
    expect(await failure(() => plugin.backup('full'))).toMatchObject({ code: 'unavailable' })
    await database.connect()
    await database.createResource({ name: 'users', attributes: { name: 'string' } })
    expect((await plugin.backup('full')).resources).toEqual(['users'])
  })

  it.each(['instance', 'class'] as const)(
    'in the option "plugins" as %s works and does not change existing definitions',
    async (how) => {
      const connectionString = fileAddress()
      const first = await filled(3, { connectionString })
      const definitions = await s3dbJson(first)
      await first.disconnect()
      const path = scratch()
      class Everyday extends BackupPlugin<AnyDriver> {
        constructor(database: ConstructorParameters<typeof BackupPlugin>[0]) {
          super(database)
        }
      }
      const given: unknown[] = [how === 'instance' ? new BackupPlugin(toDisk(path)) : Everyday]
      const database = new Database({
        connectionString,
        logLevel: 'silent',
        exitOnSignal: false,
        plugins: given as never,
      })
      const cwd = process.cwd()
      process.chdir(path)
      try {
        await database.connect()
        expect(await s3dbJson(database)).toEqual(definitions)
        const plugin = Object.values(database.plugins).find(
          (one): one is never => one instanceof BackupPlugin,
        )
        const backups: unknown = plugin
        if (!(backups instanceof BackupPlugin)) throw new Error('there is no plugin')
        expect((await backups.backup('full')).records).toBe(3)
      } finally {
        process.chdir(cwd)
        await database.disconnect()
        await database.destroy()
      }
    },
  )

  it('several times under different names keeps them separate', async () => {
    const database = await filled()
    const [near, far] = [new BackupPlugin(toDisk()), new BackupPlugin(toDisk())]
    await install(database, near, 'near')
    await install(database, far, 'far')
    await near.backup('full')
    expect([(await near.list()).length, (await far.list()).length]).toEqual([1, 0])
    expect([near.instanceName, far.instanceName]).toEqual(['near', 'far'])
  })

  it('and another one to another database, with the same destination, keep their own backups', async () => {
    const path = scratch()
    const [one, two] = [await filled(2), await filled(4)]
    const [first, second] = [new BackupPlugin(toDisk(path)), new BackupPlugin(toDisk(path))]
    await install(one, first)
    await install(two, second)
    const results = await Promise.all([first.backup('full'), second.backup('full')])
    expect(results.map(({ records }) => records)).toEqual([2, 4])
    expect(await first.list()).toHaveLength(2)
  })
})

describe('a database that disconnects', () => {
  it('ends a backup promptly, and leaves nothing of it', async () => {
    const path = scratch()
    const database = await filled(200)
    const plugin = new BackupPlugin(toDisk(path))
    await install(database, plugin)
    const { client } = database
    const read = client.getObject.bind(client)
    let reads = 0
    const started = new Promise<void>((resolve) => {
      client.getObject = async (key) => {
        reads += 1
        if (reads === 20) resolve()
        // Like the S3 client after it is disconnected: it never answers.
        return reads > 20 ? new Promise<never>(() => undefined) : read(key)
      }
    })
    const running = failure(() => plugin.backup('full'))
    await started
    await database.disconnect()
    expect(await running).toMatchObject({ code: 'unavailable', retriable: true })
    expect(plugin.activeBackups.size).toBe(0)
    expect(await plugin.list()).toEqual([])
    expect(readdirSync(path, { recursive: true }).filter((name) => String(name).includes('.jsonl'))).toEqual(
      [],
    )
  })

  it('and comes back can be backed up again', async () => {
    const database = await filled()
    const plugin = new BackupPlugin(toDisk())
    await install(database, plugin)
    await database.disconnect()
    expect(await failure(() => plugin.backup('full'))).toMatchObject({ code: 'unavailable' })
    await database.connect()
    expect((await plugin.backup('full')).records).toBe(3)
  })

  it('does not prevent listing, verifying and deleting', async () => {
    const path = scratch()
    const database = await filled()
    const plugin = new BackupPlugin(toDisk(path))
    await install(database, plugin)
    const { id } = await plugin.backup('full')
    await database.disconnect()
    const alone = new BackupPlugin(toDisk(path))
    expect((await alone.list()).map((backup) => backup.id)).toEqual([id])
    expect(await alone.getBackupStatus(id)).toMatchObject({ id, status: 'completed', records: 3 })
    expect(await alone.verify(id)).toMatchObject({ id })
    await alone.deleteBackup(id)
    expect(await alone.list()).toEqual([])
    expect(await alone.getBackupStatus(id)).toBeNull()
  })
})

it('an uninstalled plugin releases its database and keeps its backups', async () => {
  const database = await filled()
  const plugin = new BackupPlugin(toDisk())
  await install(database, plugin)
  const { id } = await plugin.backup('full')
  await database.uninstallPlugin('backup')
  expect(await failure(() => plugin.backup('full'))).toMatchObject({
    code: 'unavailable',
    operation: 'connect',
  })
  expect(await plugin.getBackupStatus(id)).toMatchObject({ id })
})

it('keeps its name when a bundler shortens those of classes', () => {
  expect(BackupPlugin.name).toBe('BackupPlugin')
})

it('keeps backups below ./backups by default', async () => {
  const [cwd, path] = [process.cwd(), scratch()]
  process.chdir(path)
  try {
    const database = await connected()
    const plugin = new BackupPlugin({ driver: 'filesystem' })
    await install(database, plugin)
    const { id } = await plugin.backup('full')
    expect(readdirSync(join(path, 'backups'))).toEqual([id])
  } finally {
    process.chdir(cwd)
  }
})
