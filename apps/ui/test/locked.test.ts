import { keygen } from '@s3db-backup/encryption'
import { expect, test } from 'vitest'
import { plugin, scratch, served, shop, visitor } from './scene.js'

const encryption = (key: string) => ({ algorithm: 'AES-256-GCM' as const, key })

const encrypted = async () => {
  const [db, path, key] = [await shop(3), scratch(), keygen()]
  const options = { config: { path } }
  const { id } = await plugin(db, { ...options, encryption: encryption(key) }).backup('full')
  const home = async (more: object) =>
    (await visitor(await served({ plugin: plugin(db, { ...options, ...more }) }))).json('/api/home')
  return { db, id, key, options, home }
}

test('home does not say that a backup can be restored whose key is not here, or is another one', async () => {
  const { home, key } = await encrypted()
  for (const without of [{}, { encryption: encryption(keygen()) }])
    expect(await home(without)).toMatchObject({
      answer: 'locked',
      series: [{ restorable: 1, locked: 1 }],
      concerns: expect.arrayContaining([
        { level: 'warn', text: expect.stringContaining('No key here opens 1 of 1'), backup: null },
      ]),
    })
  expect(await home({ encryption: encryption(key) })).toMatchObject({
    answer: 'yes',
    series: [{ locked: 0 }],
  })
})

test('home says that only some backups can be restored where others need another key', async () => {
  const { home, db, options } = await encrypted()
  const key = keygen()
  await plugin(db, { ...options, encryption: encryption(key) }).backup('full')
  const { answer, concerns } = await home({ encryption: encryption(key) })
  expect(answer).toBe('partly')
  expect(JSON.stringify(concerns)).toContain('No key here opens 1 of 2')
})
