import { existsSync, readdirSync, truncateSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { filesystem } from '@s3db-backup/driver-filesystem'
import { Database } from 's3db.js'
import { expect, it } from 'vitest'
import { DatabasePlugin } from '../src/index.js'

it('a restore of a damaged backup does not create its target', async () => {
  const place = await mkdtemp(join(tmpdir(), 'late-target-'))
  const root = join(place, 'backups')
  const database = new Database({
    connectionString: 'memory://late-target/x',
    logLevel: 'silent',
    exitOnSignal: false,
  })
  await database.connect()
  const users = await database.createResource({ name: 'users', attributes: { name: 'string' } })
  await users.insert({ name: 'Ada' })
  const driver = filesystem({ path: root })
  const destination = {
    driver,
    type: 'filesystem',
    folder: '',
    locate: (key: string) => join(root, key),
    describe: () => ({}),
  }
  const plugin = new DatabasePlugin({ database }, { destination: () => destination })
  const { id } = await plugin.backup('full')
  const rows = readdirSync(join(root, id)).find((file) => file.startsWith('users.jsonl'))
  truncateSync(join(root, id, String(rows)), 10)
  const target = `file://${join(place, 'target')}`
  await expect(plugin.restore(id, { target })).rejects.toMatchObject({ code: 'corrupt' })
  expect(existsSync(join(place, 'target'))).toBe(false)
  await database.disconnect()
})
