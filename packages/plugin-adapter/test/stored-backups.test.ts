import { isBackupError } from '@s3db-backup/core'
import type { Database } from 's3db.js'
import { beforeEach, expect, test } from 'vitest'
import type { DatabasePlugin } from '../src/index.js'
import { openNew, ours, plugin, type Resource, restoreInto } from './plugins.js'

let database: Database
let users: Resource
let backups: DatabasePlugin
let driver: ReturnType<typeof plugin>['driver']
let full: string
let incremental: string

beforeEach(async () => {
  database = await openNew()
  users = await database.createResource({ name: 'users', attributes: { name: 'string|required' } })
  await users.insertMany(['a', 'b', 'c'].map((id) => ({ id, name: id })))
  const made = plugin()
  backups = made.plugin
  driver = made.driver
  await backups.install(database)
  full = (await backups.backup('full')).id
  await users.insert({ id: 'd', name: 'd' })
  await users.update('a', { name: 'changed' })
  await users.delete('b')
  incremental = (await backups.backup('incremental')).id
})

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = []
  for await (const item of items) collected.push(item)
  return collected
}

const heard = (
  names: readonly ('start' | 'complete' | 'cancelled' | 'error' | 'verify-progress')[],
): [string, Record<string, unknown>][] => {
  const events: [string, Record<string, unknown>][] = []
  for (const name of names)
    backups.on(`plg:backup:${name}`, (payload: object) => events.push([name, { ...payload }]))
  return events
}

test('describe() names every file of a backup, and rejects for a missing one', async () => {
  const described = await backups.describe(full)
  expect(described).toMatchObject({ id: full, records: 3, resources: ['users'] })
  const stored = [...driver.objects.keys()].filter((key) => key.startsWith(`${full}/`))
  const files = [...described.manifest.parts.map(({ file }) => file), 'started.json', 's3db.json']
  expect(files.map((file) => `${full}/${file}`).sort()).toEqual(stored.sort())
  await expect(backups.describe('full-2024-03-15T14-30-45-abc123')).rejects.toMatchObject({
    code: 'not_found',
  })
})

test('diff() yields what was added, changed and removed', async () => {
  expect(await all(backups.diff(full, incremental))).toEqual([
    { resource: 'users', id: 'a', change: 'changed' },
    { resource: 'users', id: 'b', change: 'removed' },
    { resource: 'users', id: 'd', change: 'added' },
  ])
  expect(await all(backups.diff(full, incremental, { exclude: ['us*'] }))).toEqual([])
})

test('consolidate() makes a full backup of the end of a chain, without the database, and tells listeners', async () => {
  const events = heard(['start', 'complete'])
  await backups.uninstall()
  const merged = await backups.consolidate(incremental)
  expect(merged).toMatchObject({ type: 'full', status: 'completed', parent: null, records: 3 })
  expect(await all(backups.diff(incremental, merged.id))).toEqual([])
  expect(events).toEqual([
    ['start', expect.objectContaining({ id: merged.id, parent: null, consolidates: incremental })],
    ['complete', expect.objectContaining({ id: merged.id, records: 3, consolidates: incremental })],
  ])
  const target = await openNew()
  await restoreInto(target, { driver, id: merged.id })
  expect((await (await target.getResource('users')).listIds()).sort()).toEqual(['a', 'c', 'd'])
  expect(ours(target).isConnected()).toBe(true)
})

test('a stopped consolidation leaves nothing new and is reported as cancelled', async () => {
  const before = [...driver.objects.keys()]
  const events = heard(['cancelled', 'error'])
  backups.on('plg:backup:start', () => void backups.stop({ abort: true }))
  await expect(backups.consolidate(incremental)).rejects.toThrow('The plugin was stopped')
  expect(events.map(([name]) => name)).toEqual(['cancelled', 'error'])
  const left = [...driver.objects.keys()].filter((key) => !before.includes(key))
  expect(left).toEqual([expect.stringMatching(/\/failed\.json$/)])
})

test('deleteBackup() refuses a backup that others build on, names them all, and removes it with force', async () => {
  await users.insert({ id: 'e', name: 'e' })
  const last = (await backups.backup('incremental')).id
  const refused = await backups.deleteBackup(full).catch((error: unknown) => error)
  if (!isBackupError(refused, 'conflict')) throw refused
  expect(refused.metadata).toMatchObject({ dependants: [incremental, last] })
  expect(refused.message).toContain(`${incremental}, ${last}`)
  expect(await backups.getBackupStatus(full)).toMatchObject({ status: 'completed' })
  await backups.deleteBackup(last)
  await backups.deleteBackup(full, { force: true })
  expect((await backups.list()).map(({ id }) => id)).toEqual([incremental])
})

test('deleteBackup() that is aborted before it begins removes nothing', async () => {
  const signal = AbortSignal.abort(new Error('enough'))
  await expect(backups.deleteBackup(incremental, { signal })).rejects.toThrow('enough')
  expect(await backups.list()).toHaveLength(2)
})

test('verify() reports its progress', async () => {
  const events = heard(['verify-progress'])
  const given: string[] = []
  const report = await backups.verify(full, { onEvent: ({ type }) => given.push(type) })
  expect(report.ok).toBe(true)
  expect(events).toHaveLength(report.files)
  const [, last] = events.at(-1) ?? []
  // The manifest was read before, so its bytes are not part of what remains to be read.
  expect(last).toMatchObject({ id: full, bytes: last?.expected })
  expect(last?.expected).toBeLessThan(report.bytes)
  expect(given).toEqual(events.map(() => 'verify-progress'))
})
