import { chmod, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { onS3, s3Server } from '../../../tooling/s3/test-server.ts'
import { BackupPlugin } from '../src/index.js'
import { connected, failure, filled, scratch } from './scene.js'

// The small server archives and thaws; most others only know the names of the classes.
const archive = await s3Server({})
const server = await s3Server()

const checks = (findings: readonly { readonly check: string; readonly level: string }[]) =>
  Object.fromEntries(findings.map(({ check, level }) => [check, level]))

describe('doctor', () => {
  it('finds no problem in a writable directory, and leaves nothing there', async () => {
    const path = scratch()
    const findings = await new BackupPlugin({ config: { path } }).destination.check()
    const { space, ...others } = checks(findings)
    expect(others).toEqual({
      write: 'ok',
      read: 'ok',
      listing: 'ok',
      delete: 'ok',
      clock: 'ok',
      durability: 'ok',
      permissions: 'ok',
      others: 'ok',
    })
    expect(['ok', 'note']).toContain(space)
    expect(await readdir(path)).toEqual([])
  })

  it('names the problem of one that is not writable', async () => {
    const file = join(scratch(), 'a-file')
    await writeFile(file, 'not a directory')
    const findings = await new BackupPlugin({ config: { path: join(file, 'below') } }).destination.check()
    expect(findings).toMatchObject([
      { check: 'write', level: 'problem', suggestion: expect.any(String), error: { name: 'BackupError' } },
    ])
  })

  it('checks the database’s own bucket', async () => {
    const database = await filled(1, { connectionString: server.address('lent/db'), ...onS3 })
    const plugin = new BackupPlugin({ database, driver: 's3', config: { path: 'lent/backups' } })
    expect(checks(await plugin.destination.check())).toMatchObject({
      access: 'ok',
      write: 'ok',
      read: 'ok',
      delete: 'ok',
    })
    expect(await server.bucket.keys('lent/backups')).toEqual([])
  })

  it('checks each of several destinations', async () => {
    const [first, second] = [scratch(), join(scratch(), 'a-file')]
    await writeFile(second, '')
    const drivers = [
      { driver: 'filesystem', name: 'near', config: { path: first } },
      { driver: 'filesystem', name: 'far', config: { path: join(second, 'below') } },
    ]
    const findings = await new BackupPlugin({ driver: 'multi', config: { drivers } }).destination.check()
    const problems = findings.filter(({ level }) => level === 'problem')
    expect(problems.map(({ destination, check }) => [destination, check])).toEqual([['far', 'write']])
    expect(findings.some(({ destination }) => destination === 'near')).toBe(true)
  })
})

describe('a backup in an archived class', () => {
  it('is reported as archived, is thawed on request, and can then be verified and restored', async () => {
    const database = await filled(5, { connectionString: archive.address('cold/db'), ...onS3 })
    const plugin = new BackupPlugin({
      database,
      driver: 's3',
      config: { path: 'cold/backups', storageClass: 'GLACIER' },
    })
    const { id } = await plugin.backup('full', { verification: false })
    const target = await connected({ connectionString: archive.address('cold/restored'), ...onS3 })
    const refused = await failure(() => plugin.restore(id, { target }))
    expect(refused).toMatchObject({ code: 'unavailable', metadata: { archived: true } })
    expect(refused.suggestion).toContain('--thaw')

    const events: string[] = []
    const report = await plugin.destination.thaw(id, {
      tier: 'Bulk',
      days: 2,
      interval: 10,
      onEvent: ({ type }) => events.push(type),
    })
    expect(report.requested).toBeGreaterThan(0)
    // The manifest and the key index were never archived.
    expect(report.requested).toBeLessThan(report.objects)
    expect(events).toEqual(expect.arrayContaining(['thaw-requested', 'thaw-waiting']))
    expect(await plugin.verify(id)).toMatchObject({ ok: true })
    await plugin.restore(id, { target })
    expect(await target.resources.users?.count()).toBe(5)
    expect(await plugin.destination.thaw(id)).toMatchObject({ requested: 0 })
  })

  it('does not exist in a directory', async () => {
    const database = await filled(1)
    const plugin = new BackupPlugin({ database, config: { path: scratch() } })
    const { id } = await plugin.backup('full')
    expect(await failure(() => plugin.destination.thaw(id))).toMatchObject({ code: 'unsupported' })
    expect(await failure(() => plugin.destination.thaw('full-2024-03-15T14-30-45-abc123'))).toMatchObject({
      code: 'not_found',
    })
  })
})

describe('several destinations', () => {
  async function twoPlaces(strategy: 'all' | 'any' = 'all') {
    const paths = [scratch(), scratch()] as const
    const drivers = paths.map((path, at) => ({
      driver: 'filesystem',
      name: `place-${at}`,
      // The templates differ, so that places must be looked up and not guessed.
      config: { path: at === 0 ? path : `${path}/{year}` },
    }))
    const database = await filled(5)
    const plugin = new BackupPlugin({ database, driver: 'multi', config: { strategy, drivers } })
    return { paths, plugin, made: await plugin.backup('full') }
  }

  const year = () => new Date().getUTCFullYear().toString()

  it('are checked one by one, and repaired from one another', async () => {
    const { paths, plugin, made } = await twoPlaces()
    expect(await plugin.replicas.verify(made.id)).toMatchObject({
      ok: true,
      replicas: [
        { name: 'place-0', state: 'whole' },
        { name: 'place-1', state: 'whole' },
      ],
    })
    const file = join(paths[1], year(), made.id, 'users.jsonl.gz')
    await chmod(file, 0o600)
    await writeFile(file, 'spoilt')
    expect(await plugin.replicas.verify(made.id)).toMatchObject({
      ok: false,
      replicas: [{ state: 'whole' }, { state: 'damaged' }],
    })
    expect(await plugin.replicas.repair(made.id)).toEqual({
      healed: [{ replica: 'place-1', file: 'users.jsonl.gz' }],
    })
    expect(await plugin.replicas.verify(made.id)).toMatchObject({ ok: true })
  })

  it('get what they lack', async () => {
    const { paths, plugin, made } = await twoPlaces()
    await rm(join(paths[1], year()), { recursive: true })
    expect(await plugin.replicas.verify(made.id)).toMatchObject({
      ok: false,
      replicas: [{ state: 'whole' }, { state: 'missing' }],
    })
    expect(await plugin.replicas.sync()).toMatchObject({ copied: [{ id: made.id, replica: 'place-1' }] })
    expect(await plugin.replicas.sync({ id: made.id })).toEqual({ copied: [] })
    expect(await plugin.replicas.verify(made.id)).toMatchObject({ ok: true })
  })

  it('are required for that', async () => {
    const plugin = new BackupPlugin({ config: { path: scratch() } })
    expect(await failure(() => plugin.replicas.sync())).toMatchObject({ code: 'unsupported' })
    expect(await failure(() => plugin.replicas.repair('full-2024-03-15T14-30-45-abc123'))).toMatchObject({
      code: 'unsupported',
    })
  })
})
