import { readdirSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { BackupPlugin } from '@s3db-backup/plugin'
import { expect, it } from 'vitest'
import { connected, fileAddress, install, scratch } from '../../apps/plugin/test/scene.ts'
import { lengthOf } from '../test/length.ts'
import { record } from './record.ts'

// A database that is written to while it is backed up every few seconds, drilled and pruned, for as long as `pnpm
// test:trust --soak 10m` (or SOAK=10m) says, or for a few seconds. It ends with a restore of a randomly chosen
// backup, which must have exactly the records of its moment.

const given = process.env.SOAK
const length = given === undefined ? 10_000 : lengthOf(given)

setFlagsFromString('--expose-gc')
const collectGarbage: unknown = runInNewContext('gc')

interface Sample {
  /** In use after collecting garbage, in MiB. */
  readonly heap: number
  readonly external: number
  readonly resident: number
  /** Open files, sockets and pipes. */
  readonly handles: number
}

function sample(): Sample {
  if (typeof collectGarbage === 'function') for (let turn = 0; turn < 3; turn++) collectGarbage()
  const { heapUsed, external, rss } = process.memoryUsage()
  const inMiB = (bytes: number) => bytes / 1024 / 1024
  return {
    ...{ heap: inMiB(heapUsed), external: inMiB(external), resident: inMiB(rss) },
    handles: readdirSync('/proc/self/fd').length,
  }
}

const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0

/**
 * What the median of the last third may have more than that of the middle one: the first third is warming up. Garbage
 * that has not been found yet, caches that fill and what allocators keep wobble by less; what leaks for each backup is
 * more within minutes.
 */
const tolerance: Sample = { heap: 8, external: 8, resident: 48, handles: 4 }

function growthOf(samples: readonly Sample[]): Sample {
  const third = Math.floor(samples.length / 3)
  const growth = (field: keyof Sample) => {
    const values = samples.map((one) => one[field])
    return median(values.slice(-third)) - median(values.slice(third, -third))
  }
  return {
    heap: growth('heap'),
    external: growth('external'),
    resident: growth('resident'),
    handles: growth('handles'),
  }
}

/** Numbers by chance that are the same in every run. */
function chance(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

it(
  `a database backed up repeatedly for ${length / 1000} s does not change, and memory and handles do not grow`,
  async () => {
    const next = chance(7)
    const database = await connected({ connectionString: fileAddress() })
    const users = await database.createResource({
      name: 'users',
      attributes: { name: 'string', n: 'number' },
    })
    const plugin = new BackupPlugin({
      driver: 'filesystem',
      config: { path: scratch() },
      retention: { keepLast: 12, maxShareRemoved: false },
      logLevel: 'silent',
    })
    await install(database, plugin)

    const state = new Map<string, { name: string; n: number }>()
    const states = new Map<string, ReadonlyMap<string, unknown>>()
    const samples: Sample[] = []
    const counts = { backups: 0, writes: 0, drills: 0, pruned: 0 }

    const write = async (): Promise<void> => {
      const id = `u${Math.floor(next() * 300)}`
      const fields = { name: `Zoë ${next()}`, n: Math.floor(next() * 1e6) }
      if (!state.has(id)) await users.insert({ id, ...fields })
      else if (next() < 0.3) await users.delete(id)
      else await users.update(id, fields)
      if (state.has(id) && !(await users.exists(id))) state.delete(id)
      else state.set(id, fields)
      counts.writes += 1
    }

    const until = Date.now() + length
    for (let round = 0; Date.now() < until; round++) {
      for (let n = 0; n < 20; n++) await write()
      const { id } = await plugin.backup(round % 8 === 0 ? 'full' : 'incremental')
      states.set(id, structuredClone(state))
      counts.backups += 1
      if (round % 4 === 3) {
        expect((await plugin.drills.run(id)).ok).toBe(true)
        counts.drills += 1
      }
      const kept = new Set((await plugin.list()).map((one) => one.id))
      for (const known of states.keys()) if (!kept.has(known) && states.delete(known)) counts.pruned += 1
      samples.push(sample())
      await new Promise((resolve) => setTimeout(resolve, given === undefined ? 0 : 1000))
    }

    const listed = (await plugin.list()).map(({ id }) => id).filter((id) => states.has(id))
    const chosen = listed[Math.floor(Math.random() * listed.length)] ?? ''
    const other = await connected({ connectionString: fileAddress() })
    await plugin.restore(chosen, { target: other })
    const restored = await (await other.getResource('users')).getAll()
    const fields = new Map(restored.map(({ id, name, n }) => [id, { name, n }]))
    if (!isDeepStrictEqual(fields, states.get(chosen))) expect(fields, chosen).toEqual(states.get(chosen))

    const growth = growthOf(samples)
    const rounded = Object.entries(growth).map(([name, by]) => `${name} ${by.toFixed(1)}`)
    const { heap, external, resident, handles } = samples.at(-1) ?? {
      heap: 0,
      external: 0,
      resident: 0,
      handles: 0,
    }
    console.log(
      `${length / 1000} s: ${JSON.stringify(counts)}; at the end heap ${heap.toFixed(0)} MiB, external ${external.toFixed(0)}, ` +
        `resident ${resident.toFixed(0)}, ${handles} handles; growth of the last third: ${rounded.join(', ')}`,
    )
    // A few seconds are too short to tell growth from warming up.
    if (length >= 120_000)
      for (const field of ['heap', 'external', 'resident', 'handles'] as const)
        expect(growth[field], `growth of ${field}`).toBeLessThanOrEqual(tolerance[field])
    const ended = { 'listed or pruned, and one of them restored exactly': counts.backups }
    record({
      suite: 'soak',
      what: 'backups in one process',
      on: given ?? '10s',
      tried: counts.backups,
      ended,
    })
  },
  length + 300_000,
)
