import { cpSync, existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { type CatalogEntry, openCatalog, prune, restore, type Target } from '@s3db-backup/core'
import { deleted } from '@s3db-backup/core/internal'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { filesystem } from '../src/index.js'
import { scratch } from './scratch.js'
import { type Choose, type Job, type Outcome, together, type Worker, worker } from './worker.js'

/* Two processes of their own at work on the same backups, their storage steps mixed in many orders. */

const day = 24 * 60 * 60 * 1000
/** Mixed orders of steps that are tried. The interleavings that core tries in one process are many more. */
const mixed = 5
const rows = (count: number) => Array.from({ length: count }, (_, i) => ({ id: `r${i}`, name: `row ${i}` }))

let workers: readonly [Worker, Worker]
beforeAll(async () => {
  workers = [await worker(), await worker()]
})
afterAll(() => {
  for (const one of workers) one.stop()
})

interface Chain {
  readonly path: string
  /** full <- first <- second, with 1, 2 and 3 rows. */
  readonly ids: readonly string[]
}

/** One step after the other, by one process. */
const alone = (path: string, job: Job) =>
  together([workers[0]], path, [job], (able) => able[0]).then(([outcome]) => outcome?.done)

async function aChain(): Promise<Chain> {
  const path = scratch()
  const ids: string[] = []
  for (const count of [1, 2, 3]) ids.push(String(await alone(path, { work: 'backup', rows: rows(count) })))
  return { path, ids }
}

/** Numbers that look like chance and are the same each time. */
function chance(seed: number): () => number {
  let state = seed * 2654435761
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

/** One process takes so many steps, then the other, and so on. */
function inTurns(seed: number): Choose {
  const next = chance(seed)
  let who: Worker = workers[seed % 2] ?? workers[0]
  let left = Math.ceil(next() * 20)
  return (able) => {
    if (left === 0 || !able.includes(who)) {
      who = able[Math.floor(next() * able.length)] ?? who
      left = Math.ceil(next() * 12)
    }
    left -= 1
    return able.includes(who) ? who : undefined
  }
}

async function restoredFrom(path: string, id: string): Promise<unknown[]> {
  const found: unknown[] = []
  const target: Target = {
    open: async () => undefined,
    async write(_resource, batches) {
      for await (const batch of batches) found.push(...batch.rows)
      return { restored: found.length, replaced: 0, skipped: 0, removed: 0, failed: [] }
    },
  }
  await restore({ driver: filesystem({ path }), id, target })
  return found
}

/** Whatever the destination lists is whole, with all that it needs, and restores to its rows. */
async function checkListed(path: string): Promise<CatalogEntry[]> {
  const driver = filesystem({ path })
  const { backups, damaged } = await openCatalog(driver).list()
  expect(damaged).toEqual([])
  for (const { id, manifest } of backups)
    expect(await restoredFrom(path, id)).toHaveLength(manifest.resources.users?.totalCount ?? -1)
  return backups
}

/** All that one process does comes before what the other does. */
function allOf(which: 0 | 1): Choose {
  const first = workers[which]
  return (able, busy) => (busy.has(first) ? able.find((one) => one === first) : able[0])
}

/** One job after the other, the other way round, and mixed. */
const orders = (): Choose[] => [
  allOf(0),
  allOf(1),
  ...Array.from({ length: mixed }, (_, seed) => inTurns(seed + 1)),
]

/** Does both jobs in copies of the same directory, in one order after the other. */
async function inManyOrders(
  { path }: Chain,
  jobs: readonly Job[],
  check: (at: { path: string; outcomes: readonly Outcome[]; live: readonly string[] }) => Promise<void>,
): Promise<void> {
  for (const order of orders()) {
    const copy = scratch()
    cpSync(path, copy, { recursive: true })
    const outcomes = await together(workers, copy, jobs, order)
    const live = (await checkListed(copy)).map(({ id }) => id)
    await check({ path: copy, outcomes, live })
  }
}

function holdsLease(path: string): boolean {
  const leases = join(path, '.leases')
  return existsSync(leases) && readdirSync(leases).some((name) => name.startsWith('restore-'))
}

/** Deletes all of the chain. By the time that somebody looks, its grace time has passed. */
async function deleteAll({ path, ids }: Chain): Promise<void> {
  const plan = (there: readonly CatalogEntry[]) => ({
    keep: [],
    remove: there.filter(({ id }) => ids.includes(id)).map(({ id }) => ({ id, reasons: [] })),
  })
  const { removed } = await prune({ driver: filesystem({ path }), plan, deletionGrace: 1 })
  expect(removed).toHaveLength(3)
}

describe('two processes', () => {
  it.each([0, day])('an incremental backup, and a prune (grace %d) of its parent', async (deletionGrace) => {
    const chain = await aChain()
    const jobs = [
      { work: 'backup', rows: rows(4) },
      { work: 'prune', ids: chain.ids, deletionGrace },
    ] as const
    const found: number[] = []
    await inManyOrders(chain, jobs, async ({ live, outcomes: [made, pruned] }) => {
      expect(pruned).toEqual({ done: expect.anything() })
      // A backup whose parents vanish one after the other reports it, and leaves nothing.
      if (made?.failed !== undefined) expect([made.failed, live]).toEqual(['conflict', []])
      else expect(live).toContain(made?.done)
      found.push(live.length)
    })
    // The backup before the prune builds on the chain; the one after it has nothing to build on.
    expect(found.slice(0, 2)).toEqual([4, 1])
  })

  it('a running restore, and a prune of what it reads', async () => {
    const chain = await aChain()
    const jobs: readonly Job[] = [
      { work: 'restore', id: chain.ids[2] },
      { work: 'prune', ids: chain.ids, deletionGrace: 0 },
    ]
    // The restore runs until it has announced what it reads; then the whole prune; then the rest.
    const [restorer, pruner] = workers
    const outcomes = await together(workers, chain.path, jobs, (able, busy) => {
      const next = busy.has(pruner) && holdsLease(chain.path) ? pruner : restorer
      return able.find((one) => one === next)
    })
    expect(outcomes).toEqual([{ done: rows(3) }, { done: [] }])
    await inManyOrders(chain, jobs, async ({ outcomes: [outcome] }) => {
      if (outcome?.failed === undefined) expect(outcome?.done).toEqual(rows(3))
      else expect(['not_found', 'broken_chain']).toContain(outcome.failed)
    })
  })

  it('two prunes of overlapping chains', async () => {
    const chain = await aChain()
    const jobs = [
      { work: 'prune', ids: chain.ids.slice(2), deletionGrace: 2 * day },
      { work: 'prune', ids: chain.ids, deletionGrace: day },
    ] as const
    await inManyOrders(chain, jobs, async ({ path, live, outcomes }) => {
      expect(outcomes).toEqual([{ done: expect.anything() }, { done: expect.anything() }])
      expect(live).toEqual([])
      await alone(path, { work: 'undelete', id: chain.ids[2] })
      expect(await checkListed(path)).toHaveLength(3)
    })
  })

  it('an undelete and a purge', async () => {
    const chain = await aChain()
    await deleteAll(chain)
    const jobs = [{ work: 'undelete', id: chain.ids[2] }, { work: 'purge' }] as const
    const found: number[] = []
    await inManyOrders(chain, jobs, async ({ path, live, outcomes: [outcome, purged] }) => {
      found.push(live.length)
      if (outcome?.failed !== undefined) {
        expect(outcome.failed).toMatch(/^(not_found|broken_chain)$/)
        expect(purged).toEqual({ done: [...chain.ids].reverse() })
      }
      expect(live).toHaveLength(outcome?.failed === undefined ? 3 : 0)
      expect(await deleted({ driver: filesystem({ path }) })).toEqual([])
    })
    expect(found.slice(0, 2)).toEqual([3, 0])
  })
})
