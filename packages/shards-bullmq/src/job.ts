import { BackupError } from '@s3db-backup/core'
import * as z from 'zod'

/** The queue of shards, and that of commits, which wait for their shards. */
export const queues = { shards: 's3db-backup-shards', commits: 's3db-backup-commits' } as const

/** The content of a job: the plan and the shard. Everything else comes from the worker's own configuration. */
const shardSchema = z.object({
  plan: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/),
  index: z.number().int().min(0).max(100_000),
})
const commitSchema = shardSchema.omit({ index: true })

export type ShardJob = z.infer<typeof shardSchema>
export type CommitJob = z.infer<typeof commitSchema>

/** Jobs are named by their work, so that a plan is queued once, whoever queues it. */
export const shardJobId = ({ plan, index }: ShardJob): string => `${plan}~${index}`
export const commitJobId = ({ plan }: CommitJob): string => `${plan}~commit`

/** The content of a job in Redis, checked: anyone with write access may have written it. */
export function readShardJob(data: unknown): ShardJob {
  return read(shardSchema, data)
}

export function readCommitJob(data: unknown): CommitJob {
  return read(commitSchema, data)
}

function read<T>(schema: z.ZodType<T>, data: unknown): T {
  const parsed = schema.safeParse(data)
  if (parsed.success) return parsed.data
  throw new BackupError('invalid_options', 'A job in the queue is not a shard of a backup', {
    operation: 'backup',
    suggestion: 'Find out who can write to this Redis, or use another prefix.',
    cause: parsed.error,
  })
}
