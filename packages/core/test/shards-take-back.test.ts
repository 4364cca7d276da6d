import { expect, it } from 'vitest'
import {
  BackupError,
  type BackupResult,
  commitBackup,
  type Driver,
  planBackup,
  restore,
  runShard,
  verify,
} from '../src/index.js'
import { collect } from '../src/streams/bytes.js'
import { contentsOf, memoryTarget, people } from './database.js'
import { memoryDriver } from './memory-driver.js'
import { rangedSource, recordsOf } from './ranged-source.js'

// A failing commit takes its own manifest back and no other. A manifest that it cannot tell from its own stays.

const id = 'victim'
const manifest = `${id}/s3db.json`
const users = people(12)
const source = rangedSource(recordsOf({ users }))

/** A plan whose shards are all stored, at a storage that takes each key once. */
async function ready() {
  const healthy = memoryDriver({
    onStep: ({ operation, key }) => {
      if (operation === 'put' && healthy.objects.has(key)) throw new BackupError('conflict', `${key} exists`)
    },
  })
  await planBackup({ source, driver: healthy, id, shards: 2 })
  for (const index of [0, 1]) await runShard({ source, driver: healthy, id, index })
  return { healthy }
}

/** The storage as a coordinator sees it that is told something else about the manifest. */
function seenBy(healthy: Driver, about: Partial<Pick<Driver, 'put' | 'get'>>): Driver {
  return {
    ...healthy,
    put: (key, body, call) => (key === manifest && about.put ? about.put : healthy.put)(key, body, call),
    get: (key, call) => (key === manifest && about.get ? about.get : healthy.get)(key, call),
  }
}

const commit = (driver: Driver): Promise<BackupResult> => commitBackup({ source, driver, id })

async function expectWhole(driver: Driver): Promise<void> {
  expect((await verify({ driver, id, level: 'full' })).ok).toBe(true)
  const target = memoryTarget()
  await restore({ driver, id, target })
  expect(contentsOf(target)).toEqual({ users })
}

const noAnswer = () => new BackupError('unavailable', 'The storage does not answer')

it('the manifest of another coordinator stays although this one cannot read it', async () => {
  const { healthy } = await ready()
  const failing = seenBy(healthy, {
    async put() {
      await commit(healthy)
      throw noAnswer()
    },
    async *get(key, call) {
      for await (const chunk of healthy.get(key, call)) yield chunk.map((byte) => byte ^ 1)
    },
  })
  await expect(commit(failing)).rejects.toMatchObject({ code: 'corrupt' })
  await expectWhole(healthy)
})

it('the manifest of another coordinator stays even if it arrives after this one has looked', async () => {
  const { healthy } = await ready()
  let looks = 0
  const failing = seenBy(healthy, {
    async put() {
      throw noAnswer()
    },
    async *get(key, call) {
      if (looks++ > 0) return yield* healthy.get(key, call)
      await commit(healthy)
      throw new BackupError('not_found', `${key} is not there`)
    },
  })
  await commit(failing)
  await expectWhole(healthy)
})

it('the manifest of another coordinator stays even if it has the same bytes as this one', async () => {
  const { healthy } = await ready()
  const now = () => new Date('2026-11-27T00:00:00.000Z')
  const failing = seenBy(healthy, {
    async put() {
      await commitBackup({ source, driver: healthy, id, now })
      throw noAnswer()
    },
  })
  const made = await commitBackup({ source, driver: failing, id, now })
  expect(made.records).toBe(users.length)
  await expectWhole(healthy)
})

it('a commit whose answer is lost still counts', async () => {
  const { healthy } = await ready()
  const failing = seenBy(healthy, {
    async put(key, body, call) {
      await healthy.put(key, body, call)
      throw noAnswer()
    },
  })
  expect(await commit(failing)).toMatchObject({ id, records: users.length })
  await expectWhole(healthy)
})

it('a commit whose answer is lost does not count if the plan was aborted meanwhile', async () => {
  const { healthy } = await ready()
  const failing = seenBy(healthy, {
    async put(key, body, call) {
      await healthy.put(key, body, call)
      // The first step of an abort that has not seen the manifest.
      healthy.objects.delete(`${id}/started.json`)
      throw noAnswer()
    },
  })
  await expect(commit(failing)).rejects.toMatchObject({ code: 'conflict' })
  expect(healthy.objects.has(manifest)).toBe(false)
})

it('a cancelled commit leaves the manifest that another coordinator is about to store', async () => {
  const { healthy } = await ready()
  const cancelled = new AbortController()
  const failing = seenBy(healthy, {
    async put() {
      await commit(healthy)
      cancelled.abort(new Error('cancelled'))
      throw new Error('cancelled')
    },
    async *get(key, call) {
      for await (const chunk of healthy.get(key, call)) yield chunk.map((byte) => byte ^ 1)
    },
  })
  const cancelling = commitBackup({ source, driver: failing, id, signal: cancelled.signal })
  await expect(cancelling).rejects.toThrow('cancelled')
  await expectWhole(healthy)
})

it('a manifest that was stored wrongly is removed, and the backup can be committed again', async () => {
  const { healthy } = await ready()
  const failing = seenBy(healthy, {
    put: (key, body, call) => healthy.put(key, spoilt(body), call),
  })
  await expect(commit(failing)).rejects.toMatchObject({ code: 'corrupt' })
  expect(healthy.objects.has(manifest)).toBe(false)
  await commit(healthy)
  await expectWhole(healthy)
})

async function* spoilt(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) yield chunk.map((byte) => byte ^ 1)
}

it('a manifest that arrives after its commit was abandoned has all parts that it names', async () => {
  const { healthy } = await ready()
  const orders = people(3)
  // A resource that was created after the plan: the commit reads it itself.
  const grown = { ...rangedSource(recordsOf({ users, orders })), changing: true }
  let late: Uint8Array = Buffer.alloc(0)
  const failing = seenBy(healthy, {
    async put(_, body) {
      late = await collect(body, 1_000_000, manifest)
      throw noAnswer()
    },
  })
  await expect(commitBackup({ source: grown, driver: failing, id })).rejects.toMatchObject({
    code: 'unavailable',
  })
  healthy.objects.set(manifest, late)
  await commit(healthy)
  expect((await verify({ driver: healthy, id, level: 'full' })).ok).toBe(true)
  const target = memoryTarget()
  await restore({ driver: healthy, id, target })
  expect(contentsOf(target)).toEqual({ users, orders })
})

it('a receipt that arrives after its worker has given up has all parts that it names', async () => {
  const { healthy } = await ready()
  const receipt = `${id}/shard-00001.json`
  for (const key of healthy.objects.keys()) if (/shard-00001|00001-/.test(key)) healthy.objects.delete(key)
  let late: Uint8Array = Buffer.alloc(0)
  const failing: Driver = {
    ...healthy,
    async put(key, body, call) {
      if (key !== receipt) return healthy.put(key, body, call)
      late = await collect(body, 1_000_000, key)
      throw noAnswer()
    },
  }
  const told: string[] = []
  const onEvent = ({ type }: { readonly type: string }) => void told.push(type)
  await expect(runShard({ source, driver: failing, id, index: 1, onEvent })).rejects.toMatchObject({
    code: 'unavailable',
  })
  expect(told).toContain('leftover')
  healthy.objects.set(receipt, late)
  expect(await runShard({ source, driver: healthy, id, index: 1 })).toMatchObject({
    outcome: 'stored-before',
  })
  await commit(healthy)
  await expectWhole(healthy)
})

it('a worker that gave up before its receipt was stored may be followed by another, and nothing of it stays', async () => {
  const { healthy } = await ready()
  const receipt = `${id}/shard-00001.json`
  for (const key of healthy.objects.keys()) if (/shard-00001|00001-/.test(key)) healthy.objects.delete(key)
  const failing: Driver = {
    ...healthy,
    put: async (key, body, call) => {
      if (key === receipt) throw noAnswer()
      return healthy.put(key, body, call)
    },
  }
  await expect(runShard({ source, driver: failing, id, index: 1 })).rejects.toMatchObject({
    code: 'unavailable',
  })
  expect(await runShard({ source, driver: healthy, id, index: 1 })).toMatchObject({ outcome: 'stored' })
  const { manifest: made } = await commit(healthy)
  await expectWhole(healthy)
  const named = new Set(made.parts.map(({ file }) => `${id}/${file}`))
  const parts = [...healthy.objects.keys()].filter((key) => /jsonl/.test(key))
  expect(parts.filter((key) => !named.has(key))).toEqual([])
})
