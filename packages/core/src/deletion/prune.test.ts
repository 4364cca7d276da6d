import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BackupError } from '../errors.js'
import { sealManifest } from '../format/manifest/manifest-file.js'
import { type CatalogEntry, openCatalog } from '../inventory/catalog.js'
import type { Manifest } from '../manifest.js'
import type { Driver } from '../ports/driver.js'
import type { BackupEvent } from '../ports/events.js'
import { prune } from './prune.js'
import type { PrunePlan } from './prune-plan.js'

const now = () => new Date('2024-04-01T00:00:00Z')

/** A store that can break: `onDelete` is told of each delete before it happens. */
function store(onDelete: (key: string) => void = () => undefined) {
  const objects = new Map<string, Uint8Array>()
  const deleted: string[] = []
  const driver: Driver = {
    name: 'memory',
    async put(key, body) {
      const chunks: Uint8Array[] = []
      for await (const chunk of body) chunks.push(chunk)
      objects.set(key, Buffer.concat(chunks))
      return { bytes: Buffer.concat(chunks).byteLength }
    },
    async *get(key) {
      const bytes = objects.get(key)
      if (bytes === undefined) throw new BackupError('not_found', key)
      yield bytes
    },
    async *list(prefix) {
      for (const [key, { byteLength }] of [...objects])
        if (key.startsWith(prefix)) yield { key, bytes: byteLength }
    },
    async delete(key) {
      // Leases come and go; these tests are about backups.
      if (!key.startsWith('.leases/')) {
        onDelete(key)
        deleted.push(key)
      }
      objects.delete(key)
    },
  }
  return { driver, objects, deleted }
}

type Store = ReturnType<typeof store>

function addBackup(
  { objects }: Store,
  id: string,
  {
    parent = null,
    day = 1,
    directory = `backups/${id}`,
  }: { parent?: string | null; day?: number; directory?: string } = {},
) {
  const time = new Date(Date.UTC(2024, 2, day, 2)).toISOString()
  const manifest: Manifest = {
    format: 's3db-backup/1',
    version: '1.0',
    id,
    backupType: parent === null ? 'full' : 'incremental',
    status: 'completed',
    parent,
    set: 'test',
    exportedAt: time,
    completedAt: time,
    window: { from: time, to: time },
    database: {},
    resources: {},
    internal: {},
    parts: [],
    metadata: {},
    writer: { name: 'test', version: '0' },
  }
  objects.set(`${directory}/users.jsonl.gz`, Buffer.alloc(100))
  objects.set(`${directory}/orders.jsonl.gz`, Buffer.alloc(50))
  objects.set(`${directory}/s3db.json`, sealManifest(manifest).bytes)
}

/** full-a <- inc-b <- inc-c, then full-d <- inc-e. */
function twoChains(onDelete?: (key: string) => void): Store {
  const place = store(onDelete)
  addBackup(place, 'full-a', { day: 1 })
  addBackup(place, 'inc-b', { day: 2, parent: 'full-a' })
  addBackup(place, 'inc-c', { day: 3, parent: 'inc-b' })
  addBackup(place, 'full-d', { day: 4 })
  addBackup(place, 'inc-e', { day: 5, parent: 'full-d' })
  return place
}

const removing =
  (...ids: string[]) =>
  (backups: readonly CatalogEntry[]): PrunePlan => ({
    keep: backups.filter(({ id }) => !ids.includes(id)).map(({ id }) => ({ id, reasons: ['wanted'] })),
    remove: backups.filter(({ id }) => ids.includes(id)).map(({ id }) => ({ id, reasons: ['old'] })),
  })

const idsAt = async ({ driver }: Store) => (await openCatalog(driver).list()).backups.map(({ id }) => id)

const keepsAll = { objects: 15, deleted: [] }
const state = ({ objects, deleted }: Store) => ({ objects: objects.size, deleted })

describe('prune', () => {
  test('removes what the plan deletes, and reports why and how much', async () => {
    const place = twoChains()
    const manifestBytes = place.objects.get('backups/inc-c/s3db.json')?.byteLength ?? 0
    const report = await prune({ driver: place.driver, plan: removing('inc-c'), now })
    expect(report).toEqual({
      dryRun: false,
      removed: [{ id: 'inc-c', reasons: ['old'], files: 3, bytes: 150 + manifestBytes, purgeAfter: null }],
      kept: ['inc-e', 'full-d', 'inc-b', 'full-a'].map((id) => ({ id, reasons: ['wanted'] })),
      damaged: [],
      bytes: 150 + manifestBytes,
      blocked: null,
    })
    expect([...place.objects.keys()].filter((key) => key.includes('inc-c'))).toEqual([])
  })

  test('removes dependants before what they need, and each manifest before its parts', async () => {
    const place = twoChains()
    const report = await prune({ driver: place.driver, plan: removing('full-a', 'inc-b', 'inc-c'), now })
    expect(report.removed.map(({ id }) => id)).toEqual(['inc-c', 'inc-b', 'full-a'])
    expect(place.deleted.map((key) => key.replace('backups/', ''))).toEqual(
      ['inc-c', 'inc-b', 'full-a'].flatMap((id) => [
        `${id}/s3db.json`,
        `${id}/users.jsonl.gz`,
        `${id}/orders.jsonl.gz`,
      ]),
    )
  })

  test('removes a manifest that a listing does not show yet', async () => {
    const place = twoChains()
    const list: Driver['list'] = async function* (prefix, call) {
      for await (const info of place.driver.list(prefix, call))
        if (prefix === '' || !info.key.endsWith('/s3db.json')) yield info
    }
    await prune({ driver: { ...place.driver, list }, plan: removing('inc-b', 'inc-c'), now })
    const { backups } = await openCatalog(place.driver).list()
    expect(backups.map(({ id }) => id)).toEqual(['inc-e', 'full-d', 'full-a'])
  })

  test('follows the chain, not the clock, when an incremental seems older than its parent', async () => {
    const place = store()
    addBackup(place, 'full-a', { day: 9 })
    addBackup(place, 'inc-b', { day: 2, parent: 'full-a' })
    const report = await prune({ driver: place.driver, plan: removing('full-a', 'inc-b'), now })
    expect(report.removed.map(({ id }) => id)).toEqual(['inc-b', 'full-a'])
  })

  test('gives the plan the backups, newest first, and the time', async () => {
    const place = twoChains()
    let seen: unknown
    const plan = (backups: readonly CatalogEntry[], time: Date): PrunePlan => {
      seen = [backups.map(({ id }) => id), time]
      return { keep: [], remove: [] }
    }
    await prune({ driver: place.driver, plan, now })
    expect(seen).toEqual([['inc-e', 'full-d', 'inc-c', 'inc-b', 'full-a'], now()])
  })

  test('a dry run shows the same report and changes nothing', async () => {
    const [dry, real] = [twoChains(), twoChains()]
    const plan = removing('inc-b', 'inc-c')
    const shown = await prune({ driver: dry.driver, plan, now, dryRun: true })
    const done = await prune({ driver: real.driver, plan, now })
    expect(shown).toEqual({ ...done, dryRun: true })
    expect(state(dry)).toEqual(keepsAll)
  })

  test('does nothing when run again with the same plan', async () => {
    const place = twoChains()
    await prune({ driver: place.driver, plan: removing('inc-c'), now })
    const { removed, bytes } = await prune({ driver: place.driver, plan: removing('inc-c'), now })
    expect({ removed, bytes, deletes: place.deleted.length }).toEqual({ removed: [], bytes: 0, deletes: 3 })
  })

  test('keeps backups that the plan does not mention', async () => {
    const place = twoChains()
    const report = await prune({ driver: place.driver, plan: () => ({ keep: [], remove: [] }), now })
    expect(report.kept).toHaveLength(5)
    expect(state(place)).toEqual(keepsAll)
  })

  test('reports what it does through its events', async () => {
    const place = twoChains()
    const events: BackupEvent[] = []
    const { bytes } = await prune({
      driver: place.driver,
      plan: removing('inc-c'),
      now,
      onEvent: (event) => events.push(event),
    })
    expect(events).toEqual([
      { type: 'prune-start', dryRun: false, remove: ['inc-c'], keep: ['inc-e', 'full-d', 'inc-b', 'full-a'] },
      { type: 'prune-remove', id: 'inc-c', files: 3, bytes, purgeAfter: null },
      { type: 'prune-complete', dryRun: false, removed: 1, kept: 4, bytes },
    ])
  })
})

describe('prune refuses, before anything is removed,', () => {
  const decision = (id: string) => ({ id, reasons: [] })
  const refusals: [string, string, PrunePlan][] = [
    [
      'a plan that takes the parent of a kept backup',
      'broken_chain',
      { keep: [], remove: [decision('full-a')] },
    ],
    [
      'a plan that takes a link out of a chain',
      'broken_chain',
      { keep: [decision('full-a')], remove: [decision('inc-b')] },
    ],
    [
      'a plan that both keeps and removes a backup',
      'conflict',
      { keep: [decision('inc-c')], remove: [decision('inc-c')] },
    ],
    [
      'a plan that removes a backup that is not there',
      'conflict',
      { keep: [], remove: [decision('full-z')] },
    ],
    [
      'a plan that names a backup twice',
      'conflict',
      { keep: [], remove: [decision('inc-c'), decision('inc-c')] },
    ],
    ['a blocked plan', 'conflict', { keep: [], remove: [decision('inc-c')], blocked: 'too much' }],
  ]
  test.each(refusals)('%s', async (_, code, plan) => {
    const place = twoChains()
    await expect(prune({ driver: place.driver, plan: () => plan, now })).rejects.toMatchObject({
      code,
      operation: 'cleanup',
    })
    expect(state(place)).toEqual(keepsAll)
  })

  test('two backups of one id', async () => {
    const place = twoChains()
    addBackup(place, 'inc-c', { directory: 'copies/inc-c', parent: 'inc-b' })
    await expect(prune({ driver: place.driver, plan: removing('inc-e'), now })).rejects.toMatchObject({
      code: 'conflict',
    })
    expect(place.deleted).toEqual([])
  })

  test('to remove a directory that holds a backup it keeps', async () => {
    const place = twoChains()
    addBackup(place, 'full-x', { directory: 'backups/inc-c/copies/full-x' })
    await expect(prune({ driver: place.driver, plan: removing('inc-c'), now })).rejects.toMatchObject({
      code: 'conflict',
    })
    expect(place.deleted).toEqual([])
  })

  test('an unknown option', async () => {
    const options = { driver: twoChains().driver, plan: removing(), dryrun: true }
    await expect(prune(options)).rejects.toMatchObject({
      code: 'invalid_options',
      message: expect.stringContaining('"dryRun"'),
    })
  })

  test('to go on when the plan fails', async () => {
    const place = twoChains()
    const plan = () => {
      throw new RangeError('no plan')
    }
    await expect(prune({ driver: place.driver, plan, now })).rejects.toThrow('no plan')
    expect(state(place)).toEqual(keepsAll)
  })
})

test('a dry run shows a blocked plan, and why it is blocked', async () => {
  const plan = (backups: readonly CatalogEntry[]) => ({ ...removing('inc-c')(backups), blocked: 'too much' })
  const report = await prune({ driver: twoChains().driver, plan, now, dryRun: true })
  expect(report).toMatchObject({ blocked: 'too much', removed: [{ id: 'inc-c' }] })
})

describe('what no plan covers stays:', () => {
  test('a backup whose manifest is damaged', async () => {
    const place = twoChains()
    const whole = place.objects.get('backups/inc-c/s3db.json') ?? Buffer.alloc(0)
    place.objects.set('backups/inc-c/s3db.json', whole.subarray(0, whole.byteLength - 20))
    const everything = (backups: readonly CatalogEntry[]) => removing(...backups.map(({ id }) => id))(backups)
    const report = await prune({ driver: place.driver, plan: everything, now })
    expect(report.damaged.map(({ id }) => id)).toEqual(['inc-c'])
    expect(report.kept.map(({ id, reasons }) => `${id}: ${reasons.join()}`)).toEqual(
      ['inc-e', 'full-d', 'inc-b', 'full-a'].map(
        (id) => `${id}: inc-c may need it, and its manifest cannot be read; repair or delete inc-c`,
      ),
    )
    expect(place.deleted).toEqual([])
  })

  test('of backups with a known time, only those that the damaged one may need', async () => {
    const place = store()
    addBackup(place, 'full-2024-03-01T02-00-00-aaaaaa', { day: 1 })
    addBackup(place, 'incremental-2024-03-03T02-00-00-bbbbbb', { day: 3 })
    addBackup(place, 'full-2024-03-05T02-00-00-cccccc', { day: 5 })
    place.objects.set('backups/incremental-2024-03-03T02-00-00-bbbbbb/s3db.json', Buffer.from('{'))
    const everything = (backups: readonly CatalogEntry[]) => removing(...backups.map(({ id }) => id))(backups)
    const report = await prune({ driver: place.driver, plan: everything, now })
    expect(report.kept.map(({ id }) => id)).toEqual(['full-2024-03-01T02-00-00-aaaaaa'])
    expect(report.removed.map(({ id }) => id)).toEqual(['full-2024-03-05T02-00-00-cccccc'])
  })

  test('nothing because of a manifest that was misread once', async () => {
    const place = twoChains()
    let misread = 0
    const driver: Driver = {
      ...place.driver,
      async *get(key, call) {
        for await (const bytes of place.driver.get(key, call))
          yield key.endsWith('inc-c/s3db.json') && misread++ === 0 ? bytes.subarray(1) : bytes
      },
    }
    const report = await prune({ driver, plan: removing('inc-c'), now })
    expect(report.damaged).toEqual([])
    expect(report.removed.map(({ id }) => id)).toEqual(['inc-c'])
    expect(misread).toBeGreaterThan(1)
  })

  test('objects that do not belong to a backup', async () => {
    const place = twoChains()
    place.objects.set('backups/readme.txt', Buffer.from('hello'))
    place.objects.set('backups/full-under-way/users.jsonl.gz', Buffer.from('hello'))
    await prune({ driver: place.driver, plan: removing('inc-c'), now })
    expect(place.objects.has('backups/readme.txt')).toBe(true)
    expect(place.objects.has('backups/full-under-way/users.jsonl.gz')).toBe(true)
  })

  test('with graceMs, a young backup and all that it needs', async () => {
    const place = twoChains()
    const graceMs = 29 * 86_400_000
    const all = removing('full-a', 'inc-b', 'inc-c', 'full-d', 'inc-e')
    const report = await prune({ driver: place.driver, plan: all, graceMs, now })
    expect(report.kept.map(({ id, reasons }) => `${id}: ${reasons.join()}`)).toEqual([
      'inc-e: too young to be removed',
      'full-d: too young to be removed',
      'inc-c: too young to be removed',
      'inc-b: needed by inc-c',
      'full-a: needed by inc-c',
    ])
    expect(state(place)).toEqual(keepsAll)
  })
})

describe('a prune that is interrupted', () => {
  const plan = removing('full-a', 'inc-b', 'inc-c')
  const steps = Array.from({ length: 9 }, (_, step) => step)

  test.each([3, 4])(
    'by a storage that says that it deletes and from step %i on does not leaves whole backups',
    async (step) => {
      const place = twoChains()
      let left = step
      const driver: Driver = {
        ...place.driver,
        delete: async (key, call) => {
          if (key.startsWith('.leases/') || left-- > 0) await place.driver.delete(key, call)
        },
      }
      const failure = await prune({ driver, plan, now }).catch((error: unknown) => error)
      if (step === 3)
        expect(failure).toMatchObject({
          message: 'backups/inc-b/s3db.json was deleted, and can still be read',
        })
      expect(await idsAt(place)).toContain('full-a')
    },
  )

  /** What holds at any moment: each listed backup has its whole chain and all of its parts. */
  async function everyBackupIsWhole(place: Store) {
    const catalog = openCatalog(place.driver)
    for (const id of await idsAt(place)) {
      expect((await catalog.chain(id)).at(-1)?.id).toBe(id)
      expect([...place.objects.keys()].filter((key) => key.startsWith(`backups/${id}/`))).toHaveLength(3)
    }
  }

  test.each(steps)(
    'by a failure after %i deletes leaves whole backups, and the next run finishes it',
    async (step) => {
      let left = step
      let broken = true
      const place = twoChains(() => {
        if (broken && left-- === 0) throw new BackupError('unavailable', 'the storage is gone')
      })
      const failure = await prune({ driver: place.driver, plan, now }).catch((error: unknown) => error)
      expect(failure).toMatchObject({
        code: 'unavailable',
        operation: 'cleanup',
        metadata: { removed: ['inc-c', 'inc-b', 'full-a'].slice(0, Math.floor(step / 3)) },
      })
      await everyBackupIsWhole(place)

      broken = false
      await prune({ driver: place.driver, plan, now })
      expect(await idsAt(place)).toEqual(['inc-e', 'full-d'])
      await everyBackupIsWhole(place)
    },
  )

  test.each(steps)(
    'by an abort after %i deletes does the same, and rejects with the reason',
    async (step) => {
      const controller = new AbortController()
      const reason = new Error('stop')
      let left = step
      const place = twoChains(() => {
        if (left-- === 0) controller.abort(reason)
      })
      await expect(prune({ driver: place.driver, plan, now, signal: controller.signal })).rejects.toBe(reason)
      expect(place.deleted.length).toBeLessThanOrEqual(step + 1)
      await everyBackupIsWhole(place)

      await prune({ driver: place.driver, plan, now })
      expect(await idsAt(place)).toEqual(['inc-e', 'full-d'])
    },
  )

  test('before it begins changes nothing', async () => {
    const place = twoChains()
    const reason = new Error('stop')
    const signal = AbortSignal.abort(reason)
    await expect(prune({ driver: place.driver, plan, now, signal })).rejects.toBe(reason)
    expect(state(place)).toEqual(keepsAll)
  })
})

test('whatever is planned, for any tree of backups: either nothing is removed, or no kept backup lacks its parent', async () => {
  const tree = fc.array(
    fc.record({
      parent: fc.nat(),
      full: fc.boolean(),
      remove: fc.boolean(),
      day: fc.integer({ min: 1, max: 28 }),
    }),
    {
      minLength: 1,
      maxLength: 8,
    },
  )
  await fc.assert(
    fc.asyncProperty(tree, async (nodes) => {
      const place = store()
      nodes.forEach(({ parent, full, day }, i) => {
        addBackup(place, `b-${i}`, { day, parent: full || i === 0 ? null : `b-${parent % i}` })
      })
      const gone = nodes.flatMap(({ remove }, i) => (remove ? [`b-${i}`] : []))
      const orphans = nodes.some(
        ({ parent, full, remove }, i) => !remove && !full && i > 0 && gone.includes(`b-${parent % i}`),
      )
      const failure = await prune({ driver: place.driver, plan: removing(...gone), now }).catch(
        (error: unknown) => error,
      )
      const left = await idsAt(place)
      expect(left).toHaveLength(orphans ? nodes.length : nodes.length - gone.length)
      if (orphans) expect(failure).toMatchObject({ code: 'broken_chain' })
      for (const id of left) await openCatalog(place.driver).chain(id)
    }),
    { numRuns: 60 },
  )
})
