import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { BackupPlugin } from '../src/index.js'
import { failure, filled, install, scratch } from './scene.js'

async function withBackup(encrypted: boolean) {
  const [database, path] = [await filled(5), scratch()]
  const key = `hex:${randomBytes(32).toString('hex')}`
  const encryption = encrypted ? { algorithm: 'AES-256-GCM', key } : null
  const plugin = new BackupPlugin({ driver: 'filesystem', config: { path }, encryption })
  await install(database, plugin)
  const full = await plugin.backup('full')
  await database.resources.users?.insert({ id: 'u9', name: 'a\u0000b 😀', n: 9 })
  await database.resources.users?.delete('u0')
  const incremental = await plugin.backup('incremental')
  const spoil = async () => {
    const { manifest } = await plugin.describe(full.id)
    const file = join(full.path, manifest.parts.find(({ holds }) => holds === 'rows')?.file ?? '')
    const bytes = readFileSync(file)
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1
    writeFileSync(file, bytes)
  }
  return { database, path, plugin, full, incremental, spoil }
}

describe.each([
  ['plain', false],
  ['encrypted', true],
] as const)('a drill of a %s backup', (_, encrypted) => {
  it('restores it elsewhere and finds every record as it was', async () => {
    const { plugin, full, incremental, database } = await withBackup(encrypted)
    for (const [{ id }, records] of [
      [full, 5],
      [incremental, 5],
    ] as const) {
      const report = await plugin.verify(id, { level: 'restore' })
      expect(report).toEqual({
        ...{ id, level: 'restore', ok: true, problems: [] },
        startedAt: expect.stringMatching(/^\d{4}-.*Z$/),
        duration: expect.any(Number),
        resources: { users: { records, compared: records, different: 0, examples: [] } },
      })
      expect(JSON.parse(JSON.stringify(report))).toEqual(report)
    }
    expect(await database.resources.users?.count()).toBe(5)
  })

  it('reports what is wrong with a damaged one', async () => {
    const { plugin, incremental, spoil } = await withBackup(encrypted)
    await spoil()
    expect(await plugin.verify(incremental.id, { level: 'restore' })).toMatchObject({
      ok: false,
      problems: [{ code: 'corrupt', operation: 'verify' }],
    })
  })
})

it('a drill that has no key says so instead of reporting a damaged backup', async () => {
  const { database, path, full } = await withBackup(true)
  const blind = new BackupPlugin({ driver: 'filesystem', config: { path }, database: database as never })
  expect(await failure(() => blind.verify(full.id, { level: 'restore' }))).toMatchObject({
    code: 'undecryptable',
  })
  expect(await blind.validateBackups({ level: 'restore' })).toMatchObject({ passed: 0, failed: 0, errors: 2 })
})

describe('a report over the newest backups', () => {
  it('says of each whether it passed', async () => {
    const { plugin, full, incremental, spoil } = await withBackup(true)
    for (const level of ['quick', 'stored', 'full', 'restore'] as const)
      expect(await plugin.validateBackups({ level })).toMatchObject({ level, totalBackups: 2, passed: 2 })
    expect(await plugin.validateBackups({ limit: 1 })).toMatchObject({
      validations: [{ backupId: incremental.id, overall: 'pass', problems: [] }],
    })
    await spoil()
    const report = await plugin.validateBackups()
    expect(report).toMatchObject({ totalBackups: 2, passed: 1, failed: 1, errors: 0 })
    expect(report.validations[1]).toMatchObject({
      backupId: full.id,
      overall: 'fail',
      problems: [expect.stringContaining('is damaged')],
    })
  })
})

it('what is intact of a damaged backup is salvaged', async () => {
  const { plugin, full, spoil } = await withBackup(true)
  const kinds = async () => {
    const found = []
    for await (const one of plugin.salvage(full.id)) found.push(`${one.type} ${one.holds}`)
    return found
  }
  expect(await kinds()).toEqual(['records rows'])
  await spoil()
  expect(await kinds()).toContain('lost rows')
})
