import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { BackupPlugin } from '../src/index.js'
import { filled, install, scratch } from './scene.js'

const key = `hex:${randomBytes(32).toString('hex')}`
const encryption = { algorithm: 'AES-256-GCM', key } as const

it('backup, list, show, verify, prune and delete report the same size, plain or encrypted, full or incremental', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.boolean(),
      fc.constantFrom('gzip', 'none', 'zstd'),
      fc.array(fc.nat({ max: 20 }), { minLength: 1, maxLength: 3 }),
      async (encrypted, compression, added) => {
        const database = await filled(5)
        const config = { path: scratch() }
        const plugin = new BackupPlugin({
          driver: 'filesystem',
          config,
          compression,
          ...(encrypted ? { encryption: { ...encryption } } : {}),
        } as ConstructorParameters<typeof BackupPlugin>[0])
        await install(database, plugin)
        const made = [await plugin.backup('full')]
        for (const [turn, count] of added.entries()) {
          for (let n = 0; n < count; n++)
            await database.resources.users?.insert({ id: `a${turn}-${n}`, name: 'Ann', n })
          made.push(await plugin.backup('incremental'))
        }
        const listed = new Map(
          (await plugin.listBackups()).map((one) => [one.id, one.status === 'damaged' ? 0 : one.compressed]),
        )
        for (const { id, compressed } of made) {
          expect(listed.get(id)).toBe(compressed)
          expect((await plugin.describe(id)).compressed).toBe(compressed)
          expect((await plugin.verify(id)).bytes).toBe(compressed)
          expect((await plugin.verify(id, { level: 'quick' })).bytes).toBe(compressed)
        }
        const last = await plugin.backup('full')
        const pruning = new BackupPlugin({ driver: 'filesystem', config, retention: { keepLast: 1 } })
        const { removed } = await pruning.cleanupBackups({ dryRun: true, force: true })
        expect(removed).toHaveLength(made.length)
        for (const { id, bytes } of removed) expect(bytes).toBe(listed.get(id))
        expect(await plugin.deleteBackup(last.id)).toMatchObject({ bytes: last.compressed })
      },
    ),
    { numRuns: 6 },
  )
})

it('a list with the key shows the encrypted facts; without it, or with another, it says so', async () => {
  const config = { path: scratch() }
  const plugin = new BackupPlugin({ driver: 'filesystem', config, encryption: { ...encryption } })
  await install(await filled(), plugin)
  await plugin.backup('full')
  expect(await plugin.listBackups()).toMatchObject([{ resources: ['users'], records: 3 }])
  expect((await plugin.listBackups())[0]).not.toHaveProperty('unread')
  expect((await plugin.overview()).backups).toMatchObject([{ resources: ['users'], records: 3 }])
  const other = { algorithm: 'AES-256-GCM', key: `hex:${randomBytes(32).toString('hex')}` } as const
  for (const closed of [
    new BackupPlugin({ driver: 'filesystem', config }),
    new BackupPlugin({ driver: 'filesystem', config, encryption: { ...other } }),
  ])
    expect(await closed.listBackups()).toMatchObject([
      {
        ...{ resources: null, records: null, size: null, internal: null, metadata: null },
        unread: expect.stringContaining('give the key'),
        error: null,
      },
    ])
})
