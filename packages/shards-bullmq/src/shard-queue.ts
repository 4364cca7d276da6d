import { setTimeout as pause } from 'node:timers/promises'
import { BackupError } from '@s3db-backup/core'
import { untilAborted } from '@s3db-backup/core/internal'
import type { Job, Queue } from 'bullmq'
import { closeAll, connect, defaultPrefix, type QueueOptions } from './connection.js'
import { bullmq } from './engine.js'
import { type CommitJob, commitJobId, queues, type ShardJob, shardJobId } from './job.js'

/** How jobs are run again that failed, were killed or are stuck. */
export interface RetryOptions {
  /** How often a shard is tried. Default 10. */
  readonly attempts?: number | undefined
  /** Before the second attempt, in ms; twice as long before each further one. Default 1,000. */
  readonly backoff?: number | undefined
}

export interface AddOptions extends RetryOptions {
  readonly signal?: AbortSignal | undefined
}

/** How far a queued backup is. */
export interface QueueProgress {
  /** `failed`: a shard or the commit failed for good. `unknown`: it is not in the queue. */
  readonly state: 'waiting' | 'committing' | 'done' | 'failed' | 'unknown'
  readonly shards: number
  /** Those that are stored. */
  readonly done: number
  /** Why it failed. */
  readonly reason?: string | undefined
}

/** Backups in shards, on BullMQ. */
export interface ShardQueue {
  /**
   * Queues the shards of a plan, and a commit that waits for them. A plan that is already queued stays unchanged; one
   * that failed for good is queued again, once its jobs under way have ended. While Redis cannot be reached, it waits; on
   * abort it throws `signal.reason`, and whether the plan was queued is unknown.
   */
  add(plan: string, shards: number, options?: AddOptions): Promise<void>
  progress(plan: string): Promise<QueueProgress>
  /**
   * Waits until the backup is committed. Throws `unavailable` if a shard or the commit failed for good, and
   * `incomplete` for a backup that was made and lacks records.
   */
  finished(
    plan: string,
    options?: {
      readonly signal?: AbortSignal | undefined
      readonly onProgress?: ((progress: QueueProgress) => void) | undefined
    },
  ): Promise<void>
  /** No worker takes another job until `resume`. Running jobs continue. */
  pause(): Promise<void>
  resume(): Promise<void>
  /** Takes the jobs of a plan away. Those under way end by themselves once the plan is aborted. */
  cancel(plan: string): Promise<void>
  close(): Promise<void>
}

/** The signal of a caller who has none. */
const never = new AbortController().signal

/** Between two looks at a backup that is waited for, in ms. */
const look = 500

export function shardQueue(options: QueueOptions): ShardQueue {
  const { prefix = defaultPrefix } = options
  const connection = connect(options)
  const engine = bullmq()
  const flows = new engine.FlowProducer({ connection, prefix })
  const shards = new engine.Queue<ShardJob>(queues.shards, { connection, prefix })
  const commits = new engine.Queue<CommitJob>(queues.commits, { connection, prefix })
  flows.on('error', () => undefined)
  for (const queue of [shards, commits]) queue.on('error', () => undefined)

  const progress = async (plan: string): Promise<QueueProgress> => {
    const job: Job<CommitJob> | undefined = await commits.getJob(commitJobId({ plan }))
    if (job === undefined) return { state: 'unknown', shards: 0, done: 0 }
    const [state, counts] = await Promise.all([job.getState(), job.getDependenciesCount()])
    const { processed = 0, unprocessed = 0, failed = 0 } = counts
    const many = { shards: processed + unprocessed + failed, done: processed }
    if (state === 'completed') return { state: 'done', ...many }
    if (state === 'failed') return { state: 'failed', ...many, reason: await reasonOf(job, shards) }
    return { state: unprocessed === 0 ? 'committing' : 'waiting', ...many }
  }

  return {
    async add(plan, count, { attempts = 10, backoff = 1000, signal = never } = {}) {
      const again = { attempts, backoff: { type: 'exponential', delay: backoff }, removeOnFail: false }
      const flow = {
        name: 'commit',
        queueName: queues.commits,
        data: { plan },
        opts: { ...again, jobId: commitJobId({ plan }) },
        children: Array.from({ length: count }, (_, index) => ({
          name: 'shard',
          queueName: queues.shards,
          data: { plan, index },
          opts: { ...again, jobId: shardJobId({ plan, index }), failParentOnFailure: true },
        })),
      }
      await untilAborted(async () => {
        await forgetFailed(commits, plan, signal)
        await flows.add(flow)
      }, signal)
    },
    progress,
    async finished(plan, { signal = never, onProgress } = {}) {
      for (;;) {
        const seen = await untilAborted(() => progress(plan), signal)
        onProgress?.(seen)
        if (seen.state === 'done') return
        if (seen.state === 'failed' || seen.state === 'unknown') throw givenUp(plan, seen)
        await pause(look, undefined, { signal }).catch((error: unknown) => {
          signal.throwIfAborted()
          throw error
        })
      }
    },
    async pause() {
      await Promise.all([shards.pause(), commits.pause()])
    },
    async resume() {
      await Promise.all([shards.resume(), commits.resume()])
    },
    async cancel(plan) {
      const job = await commits.getJob(commitJobId({ plan }))
      // A job that a worker holds cannot be removed.
      await job?.remove({ removeChildren: true }).catch(() => undefined)
    },
    async close() {
      await closeAll(connection, [flows, shards, commits])
    },
  }
}

/** Takes the jobs of a plan away that failed for good: as long as they are there, none of their names is queued again. */
async function forgetFailed(commits: Queue<CommitJob>, plan: string, signal: AbortSignal): Promise<void> {
  for (;;) {
    const job: Job<CommitJob> | undefined = await commits.getJob(commitJobId({ plan }))
    if (job === undefined || !(await job.isFailed())) return
    try {
      return await job.remove({ removeChildren: true })
    } catch (error) {
      // A worker is still at one of its shards.
      if (!(error instanceof Error && error.message.includes('locked'))) throw error
    }
    await pause(look, undefined, { signal })
  }
}

async function reasonOf(job: Job<CommitJob>, shards: Queue<ShardJob>): Promise<string> {
  const failed = await shards.getFailed(0, 1000)
  const child = failed.find(({ data }) => data.plan === job.data.plan)
  if (child === undefined) return job.failedReason ?? 'the commit failed'
  return `shard ${child.data.index}: ${child.failedReason}`
}

function givenUp(plan: string, { state, reason }: QueueProgress): BackupError {
  if (reason?.startsWith('incomplete:'))
    return new BackupError(
      'incomplete',
      `Backup '${plan}' was made, and lacks records that could not be read`,
      {
        suggestion: 'The backup was kept, and names each record. Fix them and back up again.',
        metadata: { backupId: plan },
      },
    )
  const why =
    state === 'unknown' ? 'it is not in the queue any more' : (reason ?? 'a shard failed permanently')
  return new BackupError('unavailable', `Backup '${plan}' was not made: ${why}`, {
    retriable: false,
    suggestion: 'Fix the cause and run the missing shards (shard status names them), or abort the plan.',
    metadata: { backupId: plan },
  })
}
