import { isBackupError } from '@s3db-backup/core'
import { errorTable } from '@s3db-backup/core/internal'
import { isWorthRetrying } from '@s3db-backup/shards'
import type { Job } from 'bullmq'
import { closeAll, connect, defaultPrefix, type QueueOptions } from './connection.js'
import { bullmq } from './engine.js'
import { type CommitJob, queues, readCommitJob, readShardJob, type ShardJob } from './job.js'

export interface ShardWorkerOptions extends QueueOptions {
  /** Runs one shard: `runShard` with this process's own source, driver and key. */
  readonly run: (plan: string, index: number, signal: AbortSignal) => Promise<unknown>
  /** Commits a plan, in the same way: `commitBackup`. */
  readonly commit: (plan: string, signal: AbortSignal) => Promise<unknown>
  /** Shards at once in this process. Default 1. */
  readonly concurrency?: number | undefined
  /** How long a job may go without a sign of life before another worker takes it, in ms. Default 30,000. */
  readonly stalledAfter?: number | undefined
  /** Told of every job that ended. */
  readonly onEnd?: ((end: JobEnd) => void) | undefined
}

/** How a job ended. */
export interface JobEnd {
  readonly plan: string
  /** Nothing for a commit. */
  readonly index: number | undefined
  readonly error: unknown
  /** Whether it will be tried again. */
  readonly again: boolean
}

/** A process that takes jobs. */
export interface ShardWorker {
  /** Takes no more jobs, and resolves once those under way have ended; `force` stops them. */
  close(options?: { readonly force?: boolean | undefined }): Promise<void>
}

/** A worker that dies in a shard says nothing. So often a job may be found without its worker. */
const mostStalls = 100

/**
 * Runs the shards of all plans in a queue, and commits those whose shards are done. A permanent error, such as a wrong
 * key, fails the backup at once.
 */
export function shardWorker(options: ShardWorkerOptions): ShardWorker {
  const { prefix = defaultPrefix, run, commit, concurrency = 1, stalledAfter = 30_000, onEnd } = options
  const { UnrecoverableError, Worker } = bullmq()
  const stop = new AbortController()
  const underWay = new Set<Promise<unknown>>()
  const connection = connect(options)
  const settings = {
    connection,
    prefix,
    lockDuration: stalledAfter,
    stalledInterval: stalledAfter,
    maxStalledCount: mostStalls,
  }
  const working = async (
    { plan, index }: { readonly plan: string; readonly index?: number | undefined },
    job: Job,
    work: () => Promise<unknown>,
  ) => {
    const running = work()
    underWay.add(running)
    try {
      await running
      onEnd?.({ plan, index, error: undefined, again: false })
    } catch (error) {
      const again = isWorthRetrying(error) && job.attemptsMade + 1 < (job.opts.attempts ?? 1)
      onEnd?.({ plan, index, error, again })
      const reason = inTheTablesWords(error)
      throw isWorthRetrying(error) ? new Error(reason) : new UnrecoverableError(reason)
    } finally {
      underWay.delete(running)
    }
  }
  const shards = new Worker<ShardJob>(
    queues.shards,
    async (job) => {
      const { plan, index } = readJob(() => readShardJob(job.data))
      await working({ plan, index }, job, () => run(plan, index, stop.signal))
    },
    { ...settings, concurrency },
  )
  const commits = new Worker<CommitJob>(
    queues.commits,
    async (job) => {
      const { plan } = readJob(() => readCommitJob(job.data))
      await working({ plan }, job, () => commit(plan, stop.signal))
    },
    settings,
  )
  // A lost Redis comes back; until then there is nothing to do.
  for (const worker of [shards, commits]) worker.on('error', () => undefined)
  return {
    async close({ force = false } = {}) {
      if (force) stop.abort(new Error('The worker was stopped'))
      await closeAll(connection, [shards, commits])
      // Without Redis nobody has waited for these.
      await Promise.allSettled(underWay)
    },
  }
}

/** Messages of databases and storages may quote records and addresses, and Redis keeps what a job failed with. */
function inTheTablesWords(error: unknown): string {
  return isBackupError(error)
    ? `${error.code}: ${errorTable[error.code].meaning}`
    : 'internal: see its worker'
}

function readJob<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw new (bullmq().UnrecoverableError)(inTheTablesWords(error))
  }
}
