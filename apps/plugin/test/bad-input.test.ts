import { createHash } from 'node:crypto'
import { cpSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Database } from 's3db.js'
import { describe, expect, it } from 'vitest'
import { BackupPlugin } from '../src/index.js'
import { connected, failure, filled, scratch } from './scene.js'

/** Every key of a database with its contents. */
async function everything(database: Database): Promise<Map<string, unknown>> {
  const { Contents } = await database.client.listObjects({ prefix: '', maxKeys: 100_000 })
  const found = new Map<string, unknown>()
  for (const { Key = '' } of Contents ?? []) {
    const { Metadata, Body } = await database.client.getObject(Key)
    found.set(Key, [Metadata, Buffer.from((await Body?.transformToByteArray?.()) ?? []).toString('base64')])
  }
  return found
}

describe('options that are wrong', () => {
  const wrong: [string, unknown, string[]][] = [
    ['an unknown option, with the nearest name', { compresion: 'gzip' }, ['compresion', 'compression']],
    ['an unknown option in config', { config: { path: '/tmp/x', pth: 'x' } }, ['pth', 'path']],
    ['a path that is null', { config: { path: null } }, ['path']],
    ['a path that is empty', { config: { path: '' } }, ['path']],
    [
      'permissions that lock out the owner',
      { config: { path: '/tmp/x', permissions: 0o077 } },
      ['permissions'],
    ],
    ['an unknown driver', { driver: 'filesytem' }, ['filesytem', 'filesystem']],
    ['an unknown compression', { compression: 'lzma' }, ['compression']],
    ['a hook that is no function', { onBackupStart: 'now' }, ['onBackupStart']],
  ]

  it.each(wrong)('%s', async (_, options, words) => {
    const error = await failure(() => new BackupPlugin(options as never))
    expect(error).toMatchObject({
      code: 'invalid_options',
      operation: 'validateConfig',
      statusCode: 400,
      retriable: false,
    })
    expect(error.suggestion).not.toBe('')
    for (const word of words) expect(`${error.message} ${error.suggestion}`).toContain(word)
  })

  it('are all named at once', async () => {
    const error = await failure(
      () => new BackupPlugin({ compresion: 1, verification: 'yes', exclude: 'x', onBackupStart: 5 } as never),
    )
    expect(error.metadata.problems).toHaveLength(4)
  })

  it('of a call are refused before anything is done', async () => {
    const plugin = new BackupPlugin({ config: { path: scratch() }, database: await filled() })
    const { id } = await plugin.backup('full')
    const calls: [() => unknown, string, string][] = [
      [() => plugin.backup('full', { resorces: ['users'] } as never), 'backup', 'resources'],
      [() => plugin.restore(id, { overwite: true } as never), 'restore', 'overwrite'],
      [() => plugin.listBackups({ limt: 3 } as never), 'list', 'limit'],
    ]
    for (const [call, operation, nearest] of calls) {
      const error = await failure(call)
      expect(error).toMatchObject({ code: 'invalid_options', operation, statusCode: 400, retriable: false })
      expect(error.message).toContain(nearest)
    }
    expect(await plugin.list()).toHaveLength(1)
  })

  it('that select nothing are refused, wherever records are chosen', async () => {
    const plugin = new BackupPlugin({ config: { path: scratch() }, database: await filled() })
    const { id } = await plugin.backup('full')
    const target = `memory://${scratch()}`
    const nothing: readonly (() => unknown)[] = [
      () => plugin.backup('selective', { resources: [] }),
      () => plugin.restore(id, { resources: [], target }),
      () => plugin.restore(id, { ids: [], target }),
      () => plugin.drills.run(id, { resources: [] }),
      () => plugin.shards.plan('full', { resources: [], shards: 2 }),
      () => plugin.past.plan(new Date(), { ids: [] }),
      () => plugin.past.recover(new Date(), { ids: [], target }),
    ]
    for (const call of nothing)
      expect(await failure(call), String(call)).toMatchObject({ code: 'invalid_options', statusCode: 400 })
    expect(await plugin.list()).toHaveLength(1)
  })
})

describe('ids that are no ids', () => {
  it.each(['../full-2024-03-15T14-30-45-abc123', '..', 'a/b', 'a\\b', '', 'x\0y', '/etc/passwd'])(
    '%j',
    async (id) => {
      const plugin = new BackupPlugin({ config: { path: scratch() }, database: await filled() })
      const calls: [(id: string) => unknown, string][] = [
        [(given) => plugin.restore(given), 'restore'],
        [(given) => plugin.deleteBackup(given), 'delete'],
        [(given) => plugin.verify(given), 'verify'],
      ]
      for (const [call, operation] of calls)
        expect(await failure(() => call(id))).toMatchObject({
          code: 'invalid_options',
          operation,
          statusCode: 400,
          retriable: false,
        })
    },
  )

  it('an unknown one is not found', async () => {
    const plugin = new BackupPlugin({ config: { path: scratch() }, database: await filled() })
    const error = await failure(() => plugin.restore('full-2024-03-15T14-30-45-abc123'))
    expect(error).toMatchObject({
      code: 'not_found',
      operation: 'restore',
      statusCode: 404,
      retriable: false,
    })
    expect(error.message).toContain('full-2024-03-15T14-30-45-abc123')
    expect(await plugin.getBackupStatus('full-2024-03-15T14-30-45-abc123')).toBeNull()
  })
})

type Manifest = {
  format: string
  resources: Record<string, object>
  parts: { file: string; codecs: string[] }[]
}

/** A manifest that was changed by somebody who then gave it a checksum that fits again. */
const editing = (change: (manifest: Manifest) => void) => (directory: string) => {
  const file = join(directory, 's3db.json')
  const { checksum: _, ...manifest }: Manifest & { checksum?: string } = JSON.parse(
    readFileSync(file, 'utf8'),
  )
  change(manifest)
  const body = JSON.stringify(manifest, null, 2).slice(0, -'\n}'.length)
  const checksum = createHash('sha256').update(body).digest('hex')
  writeFileSync(file, `${body},\n  "checksum": "${checksum}"\n}\n`)
}

const part = (directory: string, name = 'users.jsonl.gz') => join(directory, name)

describe('a damaged backup', () => {
  const damages: [string, (directory: string, other: string) => void, string[]][] = [
    ['a manifest cut short', (directory) => truncateSync(join(directory, 's3db.json'), 200), ['corrupt']],
    [
      'a manifest that is no JSON',
      (directory) => writeFileSync(join(directory, 's3db.json'), 'hello'),
      ['corrupt'],
    ],
    ['an empty manifest', (directory) => writeFileSync(join(directory, 's3db.json'), ''), ['corrupt']],
    [
      'a manifest of a newer format',
      editing((manifest) => (manifest.format = 's3db-backup/99')),
      ['incompatible_format'],
    ],
    [
      'a manifest that names an absent file',
      editing((manifest) => (manifest.parts[0]!.file = 'absent.jsonl.gz')),
      ['corrupt'],
    ],
    [
      'a manifest that names a file outside',
      editing((manifest) => (manifest.parts[0]!.file = '../../etc/passwd')),
      ['corrupt'],
    ],
    [
      'a manifest with an unknown codec',
      editing((manifest) => (manifest.parts[0]!.codecs = ['rot13'])),
      ['unsupported'],
    ],
    ['a part that is gone', (directory) => rmSync(part(directory)), ['corrupt']],
    ['a part that was cut', (directory) => truncateSync(part(directory), 40), ['corrupt']],
    [
      'a part with one bit flipped',
      (directory) => {
        const bytes = readFileSync(part(directory))
        bytes[bytes.length >> 1]! ^= 1
        writeFileSync(part(directory), bytes)
      },
      ['corrupt'],
    ],
    ['a part of another backup', (directory, other) => cpSync(part(other), part(directory)), ['corrupt']],
    [
      'a key index of another backup',
      (directory, other) => {
        const index = readdirSync(other).find((name) => name.includes('.index.'))!
        cpSync(part(other, index), part(directory, index))
      },
      ['corrupt'],
    ],
  ]

  it.each(damages)('%s is refused, and the target stays unchanged', async (_, spoil, codes) => {
    const database = await filled(50)
    const path = scratch()
    const plugin = new BackupPlugin({ config: { path }, database })
    const spoiled = await plugin.backup('full')
    await database.resources.users!.update('u1', { name: 'another', n: 1 })
    const other = await plugin.backup('full')
    spoil(join(path, spoiled.id), join(path, other.id))
    const target = await connected()
    const before = await everything(target)
    const error = await failure(() => plugin.restore(spoiled.id, { target: target as never }))
    expect(codes).toContain(error.code)
    expect(error).toMatchObject({ operation: 'restore', retriable: false })
    expect(error.statusCode).toBeGreaterThanOrEqual(400)
    expect(error.suggestion).not.toBe('')
    expect(JSON.stringify([error.message, error.metadata])).toContain(spoiled.id)
    expect(await everything(target)).toEqual(before)
    expect(Object.keys(target.resources)).toEqual([])
    // The other backup at the same destination is unharmed.
    expect((await plugin.list()).map(({ id }) => id)).toContain(other.id)
    await plugin.restore(other.id, { target: target as never })
    expect(await target.resources.users!.listIds()).toHaveLength(50)
  })
})
