import { backup } from '@s3db-backup/core'
import { memory } from '@s3db-backup/driver-testkit'
import type { Database } from 's3db.js'
import { afterEach, describe, expect, it } from 'vitest'
import type { Fault } from '../../../tooling/s3/fault-proxy.ts'
import { onS3, s3Server } from '../../../tooling/s3/test-server.ts'
import { databaseSource } from '../src/index.js'
import { backUp, call, open, openNew, ours, restoreInto, stored } from './databases.js'

const { address, proxy } = await s3Server()
afterEach(() => proxy.clear())

const perResource = 60
const halfway = perResource / 2

type Faults = readonly (readonly [string, Fault])[]

const always: Faults = [
  ['every connection breaks', { kind: 'reset' }],
  ['the server says that it is overloaded', { kind: 'answer', status: 503, code: 'SlowDown' }],
]
const reading: Faults = [...always, ['every answer breaks off', { kind: 'torn-answer', bytes: 20 }]]
const writing: Faults = [...always, ['every answer is lost', { kind: 'lost-answer' }]]

/** Records with bodies and records without. */
async function fill(database: Database): Promise<void> {
  for (const behavior of ['body-only', 'user-managed'] as const) {
    const resource = await database.createResource({
      name: behavior,
      attributes: { name: 'string', team: 'string' },
      partitions: { byTeam: { fields: { team: 'string' } } },
      asyncPartitions: false,
      behavior,
    })
    const insert = (at: number) =>
      resource.insert({ id: `id-${at}`, name: 'n'.repeat(50), team: `${at % 3}` })
    for (let at = 0; at < perResource; at += 10)
      await Promise.all(Array.from({ length: 10 }, (_, more) => insert(at + more)))
  }
}

async function namesIn(driver: ReturnType<typeof memory>): Promise<string[]> {
  const names: string[] = []
  for await (const { key } of driver.list('', call)) if (!key.endsWith('/failed.json')) names.push(key)
  return names
}

describe('a backup of a database on S3', async () => {
  it.each(reading)(
    'fails as unavailable and leaves nothing if %s halfway; the next one is complete',
    async (_what, fault) => {
      const database = await open(address(`backup-${fault.kind}`), onS3)
      await fill(database)
      const driver = memory()
      const source = databaseSource(ours(database))
      proxy.add({ match: /^GET \S*\/data\/id/, skip: halfway, fault })
      await expect(backup({ source, driver })).rejects.toMatchObject({ code: 'unavailable' })
      expect(await namesIn(driver)).toEqual([])

      proxy.clear()
      const { manifest } = await backup({ source, driver })
      expect(Object.values(manifest.resources).map(({ recordCount }) => recordCount)).toEqual([
        perResource,
        perResource,
      ])
    },
  )

  it.each([
    ['breaks', { kind: 'reset' }],
    ['breaks in the middle of an answer', { kind: 'torn-answer', bytes: 20 }],
  ] as const)('is complete even if a connection sometimes %s', async (_what, fault) => {
    const database = await open(address(`now-and-then-${fault.kind}`), onS3)
    await fill(database)
    for (const skip of [3, 20, 40, 41, 70]) proxy.add({ match: /^GET \S*\/data\/id/, skip, times: 1, fault })
    const { manifest } = await backup({ source: databaseSource(ours(database)), driver: memory() })
    expect(proxy.log.filter((entry) => entry.fault === fault.kind)).toHaveLength(5)
    expect(Object.values(manifest.resources).map(({ recordCount }) => recordCount)).toEqual([
      perResource,
      perResource,
    ])
  })

  it('fails as unavailable if the second listing does', async () => {
    const database = await open(address('listing'), onS3)
    await fill(database)
    const driver = memory()
    proxy.add({ match: /list-type=2/, skip: 1, fault: { kind: 'reset' } })
    const made = backup({ source: databaseSource(ours(database)), driver })
    await expect(made).rejects.toMatchObject({ code: 'unavailable' })
    expect(await namesIn(driver)).toEqual([])
  })

  it('can be aborted while the server is silent, and leaves nothing', async () => {
    const database = await open(address('silent'), onS3)
    await fill(database)
    const driver = memory()
    const controller = new AbortController()
    proxy.add({ match: /^GET \S*\/data\/id/, skip: halfway, fault: { kind: 'silence' } })
    const made = backup({ source: databaseSource(ours(database)), driver, signal: controller.signal })
    await expect.poll(() => proxy.log.some(({ fault }) => fault === 'silence')).toBe(true)
    const reason = new Error('enough')
    controller.abort(reason)
    await expect(made).rejects.toBe(reason)
    expect(await namesIn(driver)).toEqual([])
  })
})

describe('a restore into a database on S3', async () => {
  it.each(writing)(
    'fails as unavailable if %s halfway; run again it does exactly the rest',
    async (_what, fault) => {
      const original = await openNew('memory')
      await fill(original)
      const made = await backUp(original)
      const target = await open(address(`restore-${fault.kind}`), onS3)
      // The first record is written twice, to see whether the server supports conditions.
      proxy.add({ match: /^PUT \S*\/data\/id/, skip: halfway + 1, fault })
      await expect(restoreInto(target, made)).rejects.toMatchObject({ code: 'unavailable' })

      proxy.clear()
      const { resources } = await restoreInto(target, made)
      const [restored, skipped] = Object.values(resources).reduce(
        ([some, others], report) => [some + report.restored, others + report.skipped],
        [0, 0],
      )
      expect(restored + skipped).toBe(2 * perResource)
      // Those that were stored, even if the answer was lost.
      expect(skipped).toBeGreaterThanOrEqual(halfway)
      expect(restored).toBeGreaterThan(0)
      expect(await stored(target, 'resource=')).toEqual(await stored(original, 'resource='))
    },
  )

  it('loses nothing to a server that refuses bursts of writes', async () => {
    const original = await openNew('memory')
    await fill(original)
    const made = await backUp(original)
    const target = await open(address('bursts'), onS3)
    const fault = { kind: 'answer', status: 503, code: 'SlowDown' } as const
    for (const skip of [10, 70]) proxy.add({ match: /^PUT \S*\/data\/id/, skip, times: 8, fault })
    const { resources } = await restoreInto(target, made)
    expect(Object.values(resources).map(({ restored }) => restored)).toEqual([perResource, perResource])
    expect(proxy.log.filter(({ fault }) => fault === 'answer').length).toBe(16)
    proxy.clear()
    expect(await stored(target, 'resource=')).toEqual(await stored(original, 'resource='))
  })
})
