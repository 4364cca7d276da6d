import { indexOfReceipt } from '../format/layout.js'
import { guard } from '../ports/guard.js'
import { findPlan, isCommitted } from './find-plan.js'
import { parseShard } from './open-plan.js'
import { type PlanReference, referenceSchema } from './shard-options.js'

/** How far a planned backup is. */
export interface ShardStatus {
  readonly id: string
  /** `open`: shards are lacking. `ready`: all are stored. `committed`: the backup exists. */
  readonly state: 'open' | 'ready' | 'committed'
  /** How many there are; nothing where the plan is cleared away. */
  readonly shards?: number | undefined
  /** How many are stored. */
  readonly stored?: number | undefined
  /** The first 1,000 that are not. */
  readonly lacking?: readonly number[] | undefined
  /** ISO 8601, UTC. */
  readonly startedAt?: string | undefined
}

const mostNamed = 1_000

/** Says how far a planned backup is, from one listing of its directory. Needs no key, and believes the names of receipts. */
export async function shardStatus(options: PlanReference): Promise<ShardStatus> {
  const { id, folder, signal } = parseShard(referenceSchema, options)
  const call = { signal: signal ?? new AbortController().signal }
  const driver = guard(options.driver)
  const found = await findPlan(driver, { id, folder }, call)
  if ('committed' in found) return { id, state: 'committed' }
  const { directory, count, startedAt } = found
  const stored = new Set<number>()
  for await (const { key } of driver.list(`${directory}/`, call)) {
    const index = indexOfReceipt(key.slice(directory.length + 1))
    if (index !== undefined && index < count) stored.add(index)
  }
  const lacking: number[] = []
  for (let index = 0; index < count && lacking.length < mostNamed; index++)
    if (!stored.has(index)) lacking.push(index)
  const isOver = await isCommitted(driver, directory, call)
  const state = isOver ? 'committed' : stored.size === count ? 'ready' : 'open'
  return { id, state, shards: count, stored: stored.size, lacking, startedAt }
}
