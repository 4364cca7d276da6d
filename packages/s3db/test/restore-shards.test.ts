import { backup, finishRestore, isBackupError, openRestore, restoreShard } from '@s3db-backup/core'
import { sweep } from '@s3db-backup/core/internal'
import { memory } from '@s3db-backup/driver-testkit'
import { encryption, keygen } from '@s3db-backup/encryption'
import type { Database } from 's3db.js'
import { expect, it } from 'vitest'
import { onS3, s3Server } from '../../../tooling/s3/test-server.ts'
import { databaseSource, databaseTarget } from '../src/index.js'
import { address as newAddress, open, ours, stored } from './databases.js'

const { address } = await s3Server()

const places = {
  file: { at: () => newAddress('file'), options: {} },
  s3: { at: () => address(`restored-${Math.random().toString(36).slice(2)}`), options: onS3 },
}

type Driver = ReturnType<typeof memory>

const definition = {
  name: 'users',
  attributes: { name: 'string', team: 'string|optional' },
  partitions: { byTeam: { fields: { team: 'string' } } },
  asyncPartitions: false,
}

const hour = 60 * 60 * 1000

const idOf = (i: number) => `u${String(i).padStart(4, '0')}`

async function original(place: keyof typeof places, encrypted?: ReturnType<typeof encryption>) {
  const { at, options } = places[place]
  const database = await open(at(), options)
  const users = await database.createResource(definition)
  await Promise.all(
    Array.from({ length: 90 }, (_, i) =>
      users.insert({ id: idOf(i), name: `N ${i}`, team: i % 2 ? 'a' : 'b' }),
    ),
  )
  await database.createResource({ name: 'empty', attributes: { x: 'string' } })
  await database.client.putObject({
    key: 'resource=users/sequence=n/value',
    metadata: {},
    body: '{"value":7}',
  })
  const driver = memory()
  const source = databaseSource(ours(database))
  const { id } = await backup({ source, driver, encryption: encrypted })
  return { database, driver, id, place }
}

interface Making {
  readonly driver: Driver
  readonly encryption?: ReturnType<typeof encryption> | undefined
}

/** Each process has a connection of its own. */
async function inShards(
  making: Making,
  id: string,
  at: string,
  place: keyof typeof places,
  more: object = {},
) {
  const { options } = places[place]
  const target = async () => databaseTarget(ours(await open(at, options)))
  const { restore, shards } = await openRestore({ ...making, id, target: await target(), shards: 3, ...more })
  const indices = Array.from({ length: shards }, (_, index) => index)
  await Promise.all(
    [...indices, 1].map(async (index) => restoreShard({ ...making, restore, index, target: await target() })),
  )
  return finishRestore({ ...making, restore, target: await target() })
}

const everything = async (database: Database) => ({
  records: await stored(database, 'resource=users/data/'),
  references: [...(await stored(database, 'resource=users/partition=')).keys()],
  counters: await stored(database, 'resource=users/sequence='),
})

it.each(['file', 's3'] as const)(
  'a backup is restored in shards into a new database in %s',
  async (place) => {
    const { database, driver, id } = await original(place)
    const at = places[place].at()
    const result = await inShards({ driver }, id, at, place)
    expect(result.resources.users).toMatchObject({ removed: 0, failed: [] })
    expect(result.resources.empty).toMatchObject({ restored: 0 })
    expect(Object.keys(result.internal)).toEqual([':objects:users'])
    const copy = await open(at, places[place].options)
    expect(await everything(copy)).toEqual(await everything(database))
    expect([...Object.keys(copy.resources)].sort()).toEqual(['empty', 'users'])
    expect(await keysAt(driver, '.restores/')).toEqual([])
    expect(await keysAt(driver, '.leases/')).toEqual([])
  },
)

async function keysAt(driver: Driver, prefix: string): Promise<string[]> {
  const keys: string[] = []
  for await (const { key } of driver.list(prefix, { signal: new AbortController().signal })) keys.push(key)
  return keys
}

it.each(['skip', 'merge', 'replace'] as const)(
  'mode %s does in each range what it does in one process',
  async (mode) => {
    const { database, driver, id, place } = await original('file')
    const at = places.file.at()
    const there = await open(at)
    const users = await there.createResource(definition)
    await users.insert({ id: idOf(3), name: 'mine', team: 'mine' })
    for (const other of ['a', 'u0045x', 'z']) await users.insert({ id: other, name: 'other', team: 'other' })
    const { resources } = await inShards({ driver }, id, at, place, { mode })
    const copy = await open(at)
    const { records, references } = await everything(copy)
    const before = await everything(database)
    const key = (name: string) => `resource=users/data/id=${name}`
    const others = ['a', 'u0045x', 'z'].filter((name) => records.has(key(name)))
    expect(others).toEqual(mode === 'replace' ? [] : ['a', 'u0045x', 'z'])
    // One shard ran twice: the other attempt may already have removed what the reporting attempt should remove.
    expect(mode === 'replace' ? [2, 3] : [0]).toContain(resources.users?.removed)
    const own = records.get(key(idOf(3)))
    expect(JSON.stringify(own) === JSON.stringify(before.records.get(key(idOf(3))))).toBe(mode !== 'skip')
    if (mode === 'replace') expect(await everything(copy)).toEqual(before)
    expect(references.some((name) => name.includes('team=mine'))).toBe(mode === 'skip')
  },
)

it('a stopped worker is run again, and the restore does not finish before', async () => {
  const { database, driver, id } = await original('file')
  const at = places.file.at()
  const target = async () => databaseTarget(ours(await open(at)))
  const { restore } = await openRestore({ driver, id, target: await target(), shards: 2 })
  const stopped = new AbortController()
  const worker = restoreShard({
    driver,
    restore,
    index: 0,
    target: await target(),
    signal: stopped.signal,
    onEvent: () => stopped.abort(new Error('killed')),
  })
  await expect(worker).rejects.toThrow('killed')
  await restoreShard({ driver, restore, index: 1, target: await target() })
  const early = await finishRestore({ driver, restore, target: await target() }).catch(
    (error: unknown) => error,
  )
  expect(isBackupError(early, 'conflict') && early.metadata.lacking).toEqual([0])
  await restoreShard({ driver, restore, index: 0, target: await target() })
  await finishRestore({ driver, restore, target: await target() })
  expect(await everything(await open(at))).toEqual(await everything(database))
})

it('an encrypted backup is restored in shards, and the stored notes of the restore cannot be forged', async () => {
  const keys = encryption({ algorithm: 'AES-256-GCM', key: keygen() })
  const { database, driver, id } = await original('file', keys)
  const at = places.file.at()
  const making = { driver, encryption: keys }
  await inShards(making, id, at, 'file')
  expect(await everything(await open(at))).toEqual(await everything(database))
  const target = databaseTarget(ours(await open(at)))
  const { restore } = await openRestore({ ...making, id, target, shards: 2 })
  await restoreShard({ ...making, restore, index: 0, target })
  const [plan = '', first = ''] = (await keysAt(driver, '.restores/')).sort().reverse()
  expect(plan).toContain('plan')
  const call = { signal: new AbortController().signal, kind: 'report' } as const
  const chunks: Uint8Array[] = []
  for await (const chunk of driver.get(first, call)) chunks.push(chunk)
  await driver.put(
    first.replace('.00000.', '.00001.'),
    (async function* () {
      yield* chunks
    })(),
    call,
  )
  await expect(finishRestore({ ...making, restore, target })).rejects.toMatchObject({
    code: 'corrupt',
    message: expect.stringContaining('00001.json was not written by this backup'),
  })
})

it('a restore that never finishes is swept after its grace time', async () => {
  const { driver, id } = await original('file')
  /** Time passes for the storage as it does for this machine. */
  const later = (ms: number) => {
    const now = () => new Date(Date.now() + ms)
    return { driver: { ...driver, clock: async () => now() }, now }
  }
  const target = databaseTarget(ours(await open(places.file.at())))
  const { restore } = await openRestore({ driver, id, target, shards: 2 })
  await restoreShard({ driver, restore, index: 0, target })
  await sweep({ driver })
  expect(await keysAt(driver, '.restores/')).toHaveLength(2)
  // Longer ago than the sweep allows, but its shards may still be waiting.
  await sweep({ ...later(2 * hour), graceMs: hour })
  expect(await keysAt(driver, '.restores/')).toHaveLength(2)
  await sweep(later(25 * hour))
  expect(await keysAt(driver, '.restores/')).toEqual([])
  await expect(finishRestore({ driver, restore, target })).rejects.toMatchObject({ code: 'not_found' })
})
