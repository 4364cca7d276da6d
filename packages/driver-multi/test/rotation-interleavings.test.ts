import { backup, type Driver, openCatalog, prune, records, verify } from '@s3db-backup/core'
import { rotateKeys } from '@s3db-backup/core/internal'
import { memory } from '@s3db-backup/driver-testkit'
import { encryption, keygen, rotate } from '@s3db-backup/encryption'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { interleave, steppedDriver, type Turn, turnsOf } from '../../../tooling/test/interleave.ts'
import { repair, sync, withWholeLists } from '../src/index.js'
import { growing } from './scene.js'
import { bothIn, type Place, placeIn, places } from './two-places.js'

// The keys of a backup are changed, and the old ones removed, while somebody else copies or deletes it. Whatever the
// order of the steps, what a destination lists can be opened there, and by nobody whose key was removed.

const schedules = turnsOf({ processes: 2, longest: 25 })

const id = 'full-keys'
const withKey = () => encryption({ algorithm: 'AES-256-GCM', key: keygen() })
const [first, second, third] = [withKey(), withKey(), withKey()]

type Process = (driver: Driver) => Promise<unknown>

const rotating =
  (before: typeof first, after: typeof first): Process =>
  (driver) =>
    rotateKeys({
      driver: withWholeLists(bothIn(driver)),
      id,
      rotate: (current) => rotate({ ...current, open: before, recipients: after }),
      removeOld: true,
    })
const syncing: Process = (driver) => sync({ multi: bothIn(driver) })
const repairing: Process = (driver) => repair({ multi: bothIn(driver), id })
const pruning: Process = (driver) =>
  prune({
    driver: withWholeLists(bothIn(driver)),
    plan: (there) => ({ keep: [], remove: there.map((entry) => ({ id: entry.id, reasons: [] })) }),
  })

const addingOne: Process = (driver) =>
  backup({ source: growing(), driver: bothIn(driver), encryption: first, id: 'next', incremental: {} })

async function encryptedAt(...where: readonly Place[]): Promise<Map<string, Uint8Array>> {
  const made = memory()
  const source = records({ users: { records: [{ id: 'ada' }] } })
  await backup({ source, driver: made, encryption: first, id })
  return new Map(
    where.flatMap((place) => [...made.objects].map(([key, bytes]) => [`${place}/${key}`, bytes])),
  )
}

async function tryMany(
  original: ReadonlyMap<string, Uint8Array>,
  processes: readonly [Process, Process],
  after: typeof first,
): Promise<Map<string, number>> {
  const seen = new Map<string, number>()
  await fc.assert(
    fc.asyncProperty(schedules, async (turns: readonly Turn[]) => {
      const objects = new Map(original)
      const outcomes = await interleave(objects, processes, turns)
      for (const place of places) await check(objects, place, outcomes[0] === 'done' ? after : undefined)
      if (processes.includes(pruning)) expect(objects.size === 0 || objects.size >= original.size).toBe(true)
      const key = outcomes.join(' ')
      seen.set(key, (seen.get(key) ?? 0) + 1)
    }),
    { numRuns: 150 },
  )
  return seen
}

/** If the keys were changed, only the new one opens the backup. */
async function check(
  objects: Map<string, Uint8Array>,
  place: Place,
  after: typeof first | undefined,
): Promise<void> {
  const driver = placeIn(steppedDriver(objects), place)
  const { backups, damaged } = await openCatalog(driver).list()
  expect(damaged).toEqual([])
  const opens = (encryption: typeof first) => verify({ driver, id, encryption }).then(({ ok }) => ok, no)
  const opened = await Promise.all((after === undefined ? [first, second, third] : [after]).map(opens))
  if (backups.length > 0) expect(opened).toContain(true)
  const there = [...objects.keys()].filter((key) => key.startsWith(`${place}/`))
  if (after !== undefined) expect(there.filter((key) => key.includes(`/${id}/keys`)).length).toBeLessThan(2)
  expect(there.filter((key) => key.includes('/.leases/'))).toEqual([])
}

const no = () => false

describe('in any order of their steps,', () => {
  it('a rotation and a sync', async () => {
    const seen = await tryMany(await encryptedAt('a'), [rotating(first, second), syncing], second)
    expect(seen.get('done done')).toBeGreaterThan(0)
  })

  it('a rotation and a sync that brings an earlier rotation', async () => {
    const objects = await encryptedAt('a', 'b')
    const here = placeIn(steppedDriver(objects), 'a')
    const more = { driver: here, id, removeOld: false }
    await rotateKeys({ ...more, rotate: (at) => rotate({ ...at, open: first, recipients: second }) })
    await here.delete(`${id}/keys.json`, { signal: new AbortController().signal })
    await tryMany(objects, [rotating(second, third), syncing], third)
  })

  it('a rotation and a repair of a copy without its keys', async () => {
    const objects = await encryptedAt('a', 'b')
    objects.delete(`b/${id}/keys.json`)
    await tryMany(objects, [rotating(first, second), repairing], second)
  })

  it('a rotation and a prune', async () => {
    await tryMany(await encryptedAt('a', 'b'), [rotating(first, second), pruning], second)
  })

  it('a rotation and an incremental backup that builds on the backup', async () => {
    const seen = await tryMany(await encryptedAt('a', 'b'), [rotating(first, second), addingOne], second)
    for (const outcome of seen.keys()) expect(['done done', 'done undecryptable']).toContain(outcome)
  })
})
