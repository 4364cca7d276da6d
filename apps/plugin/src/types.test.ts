import { Database } from 's3db.js'
import { expect, it } from 'vitest'
import { BackupPlugin, type PluginOptions } from './index.js'

it("s3db.js's own types fit: a database takes the plugin, and the plugin takes a database", async () => {
  const database = new Database({ connectionString: 'memory://plugin-types/x', logLevel: 'silent' })
  await database.connect()
  const plugin = new BackupPlugin({ database })
  await database.usePlugin(plugin)
  expect(database.plugins.backup).toBe(plugin)
  await database.disconnect()
})

// The compiler checks this: `@ts-expect-error` is itself an error if there is no error to expect.
it('misspelt and mistyped options and events do not compile, and are refused', () => {
  // @ts-expect-error a directory is called path
  expect(() => new BackupPlugin({ driver: 'filesystem', config: { pth: './x' } })).toThrow('pth')
  // @ts-expect-error without a driver the files go to the filesystem
  expect(() => new BackupPlugin({ config: { pth: './x' } })).toThrow('pth')
  // @ts-expect-error a rule is called daily
  expect(() => new BackupPlugin({ retention: { dayly: 7 } })).toThrow('dayly')
  // @ts-expect-error a count is a number
  expect(() => new BackupPlugin({ retention: { daily: 'seven' } })).toThrow('daily')
  // @ts-expect-error a key is called key
  expect(() => new BackupPlugin({ encryption: { algorithm: 'AES-128', kee: 'x' } })).toThrow('key')
  // @ts-expect-error a bucket is called bucket
  expect(() => new BackupPlugin({ driver: 's3', config: { bucket: 'b', bukket: 1 } })).toThrow('bukket')
  // @ts-expect-error there is no such storage class
  expect(() => new BackupPlugin({ driver: 's3', config: { bucket: 'b', storageClass: 'COLD' } })).toThrow(
    'storageClass',
  )
  // @ts-expect-error there is no such strategy
  expect(() => new BackupPlugin({ driver: 'multi', config: { strategy: 'some', drivers: [] } })).toThrow(
    'strategy',
  )
  const plugin = new BackupPlugin()
  // @ts-expect-error there is no such event
  plugin.on('plg:backup:compleet', () => undefined)
  // @ts-expect-error what is told of a backup has no field of this name
  plugin.on('plg:backup:complete', ({ recrods }) => recrods)
})

it('documented options, foreign drivers and events compile', () => {
  const plugin = new BackupPlugin({
    driver: 'filesystem',
    config: { path: './b', compression: 'gzip' },
    retention: { daily: 7 },
    onBackupComplete: () => undefined,
  })
  plugin.on('plg:backup:complete', ({ id, records }) => `${id} ${records.toFixed()}`)
  plugin.once('backup_complete', ({ id }) => id.length)
  const notInstalled = (name: string) => () =>
    new BackupPlugin({ driver: name, config: { host: 'example.com' } })
  expect(notInstalled('s3db-backup-driver-none')).toThrow('not installed')
  expect(
    () => new BackupPlugin({ driver: 's3db-backup-driver-ftp', config: { host: 'example.com' } }),
  ).toThrow('not installed')
  const several = new BackupPlugin({
    driver: 'multi',
    config: {
      drivers: [
        { driver: 'filesystem', config: { path: './b' } },
        { driver: 's3', config: { bucket: 'b' } },
      ],
    },
  })
  const kept: PluginOptions = { driver: 's3', config: { bucket: 'b' }, encryption: null }
  const plugins: BackupPlugin[] = [plugin, several, new BackupPlugin(kept)]
  expect(plugins.map(({ driver }) => driver.getType())).toEqual(['filesystem', 'multi', 's3'])
})
