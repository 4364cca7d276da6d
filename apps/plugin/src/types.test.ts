import { Database } from 's3db.js'
import { expect, it } from 'vitest'
import { BackupPlugin } from './index.js'

it("s3db.js's own types fit: a database takes the plugin, and the plugin takes a database", async () => {
  const database = new Database({ connectionString: 'memory://plugin-types/x', logLevel: 'silent' })
  await database.connect()
  const plugin = new BackupPlugin({ database })
  await database.usePlugin(plugin)
  expect(database.plugins.backup).toBe(plugin)
  await database.disconnect()
})
