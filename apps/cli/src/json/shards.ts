import * as z from 'zod'
import { amount, time } from './values.js'

/** What `shard plan` prints. */
export const plannedShards = z.strictObject({
  id: z.string(),
  directory: z.string(),
  shards: amount,
  parent: z.string().nullable(),
  expected: amount,
})

/** What `shard run` prints. */
export const shardResult = z.strictObject({
  id: z.string(),
  index: amount,
  outcome: z.enum(['stored', 'stored-before', 'committed']),
  records: amount,
  bytes: amount,
})

/** What `shard status` prints. */
export const shardsStatus = z.strictObject({
  id: z.string(),
  state: z.enum(['open', 'ready', 'committed']),
  shards: amount.optional(),
  stored: amount.optional(),
  lacking: z.array(amount).optional(),
  startedAt: time.optional(),
})

/** What `shard open` prints. */
export const openedRestore = z.strictObject({ restore: z.string(), id: z.string(), shards: amount })

/** What `shard write` prints. */
export const writtenShard = z.strictObject({
  restore: z.string(),
  index: amount,
  outcome: z.enum(['written', 'written-before']),
  records: amount,
})

/** What `shard abort` prints. */
export const abortedShards = z.strictObject({ id: z.string(), files: amount, bytes: amount })

/** A line of `worker`: a shard, or a commit, that ended. */
export const endedJob = z.strictObject({
  plan: z.string(),
  index: amount.nullable(),
  ok: z.boolean(),
  again: z.boolean(),
})
