import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { openCatalog, restore, verify } from '@s3db-backup/core'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { filesBelow, folderHash } from '../../../tooling/test/frozen-files.ts'
import { encryption } from '../src/index.js'
import { store, target, users } from './store.js'

const fixtures = join(import.meta.dirname, '../fixtures')

// These files stand for backups that users have, so they are never edited. A new folder gets a line of its own.
test.each([
  ['1', '85f39fae6a4b0e45b91dadde2555e13a9a7aaa1b488aa6ff3c3e6c9ef943543b'],
  ['2', 'f75cadb84f021a7a5e7e79910955c732753a6c203e43b788260df1e0bcee39f0'],
  ['3', 'c3642e67872910793c2715bd1354cc8c3d4f897a98b304ce7ab5b388f7f531a4'],
  ['4', 'a18ea98dd89fa5260b03a78056099bbebbe2cbf9005c0c9421a114a4ef1c93fe'],
])('the frozen files in %s are unchanged, byte for byte', (folder, hash) => {
  expect(folderHash(join(fixtures, folder))).toBe(hash)
})

// Whole backups written when the format was made. They are never rewritten.
const root = join(fixtures, '2')
const driver = store(filesBelow(root))
const secrets = z
  .object({ key: z.string(), passphrase: z.string() })
  .parse(JSON.parse(readFileSync(join(root, 'secrets.json'), 'utf8')))

const [full, incremental] = ['full-2024-03-15T14-30-45-abc123', 'incremental-2024-03-16T14-30-45-abc123']
const ways = [
  ['its key', { key: secrets.key }],
  ['its passphrase', { passphrase: secrets.passphrase }],
] as const

test.each(ways)('an encrypted chain of the first version opens with %s', async (_, recipient) => {
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
})

test('and is still listed without either', async () => {
  const { backups, damaged } = await openCatalog(driver).list()
  expect(damaged).toEqual([])
  expect(backups.map(({ id, manifest }) => [id, manifest.parent])).toEqual([
    [incremental, full],
    [full, null],
  ])
})

describe.each(['3', '4'])('the frozen chain %s', (name) => {
  test.each([
    ['full-2024-03-15T14-30-45-abc123', ['Ann', 'Zoë', 'Cleo', 'Dan'], 2],
    ['incremental-2024-03-16T14-30-45-abc123', ['Anna', 'Cleo', 'Dan', '日本 😀'], 0],
    ['incremental-2024-03-17T14-30-45-abc123', ['Anna', 'Zoë again', 'Cleo', 'Dan'], 1],
  ])(
    'an encrypted chain with deletions is restored as the database was at %s',
    async (id, people, orders) => {
      const folder = join(fixtures, name)
      const { key } = z
        .object({ key: z.string() })
        .parse(JSON.parse(readFileSync(join(folder, 'secrets.json'), 'utf8')))
      const opened = encryption({ algorithm: 'AES-256-GCM', key })
      const chain = store(filesBelow(folder))
      expect(await verify({ driver: chain, id, encryption: opened })).toMatchObject({ ok: true })
      const into = target()
      await restore({ driver: chain, id, target: into, encryption: opened })
      expect(into.contents().people?.map(({ name }) => name)).toEqual(people)
      expect(into.contents().orders).toHaveLength(orders)
    },
  )
})

test.each([
  ['3', Array.from({ length: 6 }, () => undefined)],
  ['4', ['index', 'index', 'keys', 'part', 'part', 'part']],
])(
  'what the parts of the full backup of %s are stored as is readable without the key, if written',
  async (name, kinds) => {
    const driver = store(filesBelow(join(fixtures, name)))
    const { manifest } = await openCatalog(driver).get('full-2024-03-15T14-30-45-abc123')
    expect(manifest.parts.map(({ kind }) => kind).sort()).toEqual(kinds)
  },
)
