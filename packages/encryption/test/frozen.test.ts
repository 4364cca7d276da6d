import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { openCatalog, restore, verify } from '@s3db-backup/core'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { encryption } from '../src/index.js'
import { store, target, users } from './store.js'

// Whole backups as they were written when the format was made. They are never written again.
const root = join(import.meta.dirname, '../fixtures/2')
const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
const keys = files.map((entry) =>
  join(entry.parentPath, entry.name)
    .slice(root.length + 1)
    .replaceAll('\\', '/'),
)
const driver = store(keys.map((key) => [key, readFileSync(join(root, key))]))
const secrets = z
  .object({ key: z.string(), passphrase: z.string() })
  .parse(JSON.parse(readFileSync(join(root, 'secrets.json'), 'utf8')))

const [full, incremental] = ['full-2024-03-15T14-30-45-abc123', 'incremental-2024-03-16T14-30-45-abc123']
const ways = [
  ['its key', { key: secrets.key }],
  ['its passphrase', { passphrase: secrets.passphrase }],
] as const

test.each(ways)(
  'an encrypted chain of the first version opens with %s',
  async (_, recipient) => {
    const opened = encryption({ algorithm: 'AES-256-GCM', recipients: [recipient] })
    for (const [id, people] of [
      [full, users('Ann', 'Zoë', 'Cleo')],
      [incremental, users('Ann', '日本 😀')],
    ] as const) {
      const into = target()
      await restore({ driver, id: String(id), target: into, encryption: opened })
      expect(into.contents()).toEqual({ people, empty: [] })
      expect(await verify({ driver, id: String(id), encryption: opened })).toMatchObject({ ok: true })
    }
  },
  60_000,
)

test('and is still listed without either', async () => {
  const { backups, damaged } = await openCatalog(driver).list()
  expect(damaged).toEqual([])
  expect(backups.map(({ id, manifest }) => [id, manifest.parent])).toEqual([
    [incremental, full],
    [full, null],
  ])
})
