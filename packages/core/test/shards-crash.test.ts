import { encryption, keygen } from '@s3db-backup/encryption'
import { describe, expect, it } from 'vitest'
import {
  BackupError,
  backup,
  commitBackup,
  type Driver,
  type Encryption,
  finishRestore,
  isBackupError,
  openCatalog,
  openRestore,
  planBackup,
  type Row,
  restore,
  restoreShard,
  runShard,
  type Target,
  verify,
} from '../src/index.js'
import { sweep } from '../src/internal.js'
import { contentsOf, memoryTarget, people } from './database.js'
import { memoryDriver } from './memory-driver.js'
import { rangedSource, recordsOf } from './ranged-source.js'

// In every step of a backup and a restore in shards, each storage call fails once, and is once the last call before
// the process dies.

/** `once`: one call fails and the storage goes on. `gone`: from there on nothing answers, as for a process that died. */
type Fault = 'once' | 'gone'

/** Calls from one that fails to the next: every one is tried where `.ci/long` asks for it. */
const stride = process.env.TRUST === 'long' ? 1 : 4

const id = 'victim'
const shards = 2
const before = recordsOf({ users: people(9), orders: people(2) })
const after = recordsOf({ users: people(12).slice(1), orders: people(2) })
const model = Object.fromEntries([...after].map(([name, rows]) => [name, [...rows.values()]]))

/** A storage whose keys are written once and one of whose calls fails. */
function storage(objects: Iterable<readonly [string, Uint8Array]>, fault: Fault = 'once', failAt = Infinity) {
  const driver = memoryDriver({
    objects,
    onStep: ({ operation, key }, index) => {
      if (index === failAt || (fault === 'gone' && index > failAt))
        throw new BackupError('unavailable', `Call ${index} fails: ${operation} ${key}`)
      if (operation === 'put' && driver.objects.has(key)) throw new BackupError('conflict', `${key} exists`)
    },
  })
  return driver
}

/** As an engine does it: a step that fails is tried again. A storage that is gone stays gone. */
async function tried<T>(work: () => Promise<T>, fault: Fault): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!isBackupError(error) || fault === 'gone') throw error
    return work()
  }
}

interface Making {
  readonly encryption: Encryption | undefined
  readonly incremental: { readonly fullIfNeeded: true } | undefined
}

async function backUp(
  driver: Driver,
  { encryption, incremental }: Making,
  fault: Fault,
  as = id,
): Promise<void> {
  const making = { source: rangedSource(after), driver, encryption, id: as }
  await tried(() => planBackup({ ...making, shards, ...(incremental && { incremental }) }), fault)
  for (let index = 0; index < shards; index++) await tried(() => runShard({ ...making, index }), fault)
  await tried(() => commitBackup(making), fault)
}

const keys = encryption({ algorithm: 'AES-256-GCM', key: keygen() })
const kinds: readonly (readonly [string, Making])[] = [
  ['full', { encryption: undefined, incremental: undefined }],
  ['incremental', { encryption: undefined, incremental: { fullIfNeeded: true } }],
  ['encrypted incremental', { encryption: keys, incremental: { fullIfNeeded: true } }],
]

async function listed(driver: Driver, { encryption }: Making): Promise<string[]> {
  const { backups, damaged } = await openCatalog(driver).list()
  expect(damaged).toEqual([])
  for (const entry of backups) {
    expect((await verify({ driver, encryption, id: entry.id, level: 'full' })).ok).toBe(true)
    if (entry.id === 'first') continue
    const target = memoryTarget()
    await restore({ driver, encryption, id: entry.id, target })
    expect(contentsOf(target)).toEqual(model)
  }
  return backups.map((entry) => entry.id)
}

const muchLater = () => new Date(Date.now() + 60 * 60 * 60 * 1000)

describe.each(kinds)('a %s backup in shards,', (_, making) => {
  it.each(['once', 'gone'] as const)(
    'is whole or absent, whichever storage call fails (%s)',
    {
      timeout: 600_000,
    },
    async (fault) => {
      const first = memoryDriver()
      await backup({
        source: rangedSource(before),
        driver: first,
        encryption: making.encryption,
        id: 'first',
      })
      for (let failAt = 0; ; failAt += stride) {
        const failing = storage(first.objects, fault, failAt)
        const ended = await backUp(failing, making, fault).then(
          () => 'well',
          (error: unknown) => error,
        )
        const what = `call ${failAt} (${fault}): ${ended}`
        const driver = storage(failing.objects)
        const found = await listed(driver, making)
        if (ended === 'well') expect(found, what).toContain(id)
        // One failed call costs an attempt and nothing else.
        else if (fault === 'once') throw new Error(what, { cause: ended })
        await sweepAfter(driver, making, what)
        if (failing.steps.length <= failAt) break
      }
    },
  )
})

/** Another process finishes what was begun, or another backup is made; what is left of the first can be swept. */
async function sweepAfter(driver: ReturnType<typeof storage>, making: Making, what: string): Promise<void> {
  const given = { source: rangedSource(after), driver, encryption: making.encryption, id }
  try {
    for (let index = 0; index < shards; index++) await runShard({ ...given, index })
    await commitBackup(given)
  } catch (error) {
    if (!isBackupError(error, 'not_found')) throw new Error(what, { cause: error })
    await backUp(driver, making, 'once', 'second')
  }
  const found = await listed(driver, making)
  expect(found, what).toHaveLength(2)
  await sweep({ driver, now: muchLater })
  await sweep({ driver, now: muchLater })
  const stray = [...driver.objects.keys()].filter((key) => !found.some((one) => key.startsWith(`${one}/`)))
  expect(stray, what).toEqual([])
  expect(
    [...driver.objects.keys()].filter((key) => /shards?(-\d+)?\.json$/.test(key)),
    what,
  ).toEqual([])
}

/** A database that is written in ranges, by whichever processes. */
function rangedTarget(rows: Map<string, Map<string, Row>>): Target {
  return {
    ranges: true,
    async open({ resources }) {
      for (const { name } of resources) if (!rows.has(name)) rows.set(name, new Map())
    },
    async write(resource, batches) {
      let restored = 0
      for await (const batch of batches)
        for (const row of batch.rows) {
          rows.get(resource)?.set(row.id, row)
          restored += 1
        }
      return { restored, replaced: 0, skipped: 0, removed: 0, failed: [] }
    },
  }
}

async function restoreInShards(
  driver: Driver,
  { encryption }: Making,
  {
    rows,
    fault,
    onOpen,
  }: { rows: Map<string, Map<string, Row>>; fault: Fault; onOpen: (id: string) => void },
): Promise<void> {
  const given = { driver, encryption, target: rangedTarget(rows) }
  const opened = await tried(() => openRestore({ ...given, id, shards }), fault)
  onOpen(opened.restore)
  await finish(opened.restore, driver, { encryption, rows, fault })
}

async function finish(
  restore: string,
  driver: Driver,
  {
    encryption,
    rows,
    fault,
  }: { encryption: Encryption | undefined; rows: Map<string, Map<string, Row>>; fault: Fault },
): Promise<void> {
  const given = { driver, encryption, target: rangedTarget(rows), restore }
  for (let index = 0; index < shards; index++) await tried(() => restoreShard({ ...given, index }), fault)
  const { resources } = await tried(() => finishRestore(given), fault)
  const total = Object.values(resources).reduce((sum, { restored }) => sum + restored, 0)
  expect(total).toBe(Object.values(model).flat().length)
}

const contents = (rows: Map<string, Map<string, Row>>) =>
  Object.fromEntries(
    [...rows].map(([name, its]) => [name, [...its.values()].sort((a, b) => (a.id < b.id ? -1 : 1))]),
  )

describe.each(kinds)('a restore in shards of a %s backup,', (_, making) => {
  it.each(['once', 'gone'] as const)(
    'is finished by the next process, whichever storage call fails (%s)',
    {
      timeout: 600_000,
    },
    async (fault) => {
      const made = memoryDriver()
      await backup({ source: rangedSource(before), driver: made, encryption: making.encryption, id: 'first' })
      await backUp(made, making, 'once')
      for (let failAt = 0; ; failAt += stride) {
        const failing = storage(made.objects, fault, failAt)
        const rows = new Map<string, Map<string, Row>>()
        let opened: string | undefined
        const onOpen = (restore: string) => {
          opened = restore
        }
        const ended = await restoreInShards(failing, making, { rows, fault, onOpen }).then(
          () => 'well',
          (error: unknown) => error,
        )
        const what = `call ${failAt} (${fault}): ${ended}`
        const driver = storage(failing.objects)
        if (ended === 'well') expect(contents(rows), what).toEqual(model)
        else if (fault === 'once') throw new Error(what, { cause: ended })
        else {
          const goOn = { encryption: making.encryption, rows, fault: 'once' as const }
          const again = opened === undefined ? undefined : await finish(opened, driver, goOn).catch((e) => e)
          if (opened === undefined || isBackupError(again, 'not_found'))
            await restoreInShards(driver, making, { rows, fault: 'once', onOpen })
          else if (again !== undefined) throw new Error(what, { cause: again })
          expect(contents(rows), what).toEqual(model)
        }
        await sweep({ driver, now: muchLater })
        const left = [...driver.objects.keys()].filter((key) => key.startsWith('.'))
        expect(left, what).toEqual([])
        if (failing.steps.length <= failAt) break
      }
    },
  )
})
