import { BackupError } from '@s3db-backup/core'
import { type Command, Option } from 'commander'
import type { Terminal } from '../../terminal/terminal.js'

export interface RedisOptions {
  readonly redis?: string | undefined
  readonly prefix?: string | undefined
}

/** Where the queue is. */
export function withRedis(command: Command): Command {
  return command
    .addOption(
      new Option('--redis <url>', 'the queue: redis://host:6379, or rediss:// with TLS').env(
        'S3DB_BACKUP_REDIS',
      ),
    )
    .option('--prefix <name>', 'prefix of the keys in Redis (default: s3db-backup)')
}

/**
 * The queue, which is loaded by those alone who use it. That Redis cannot be reached is a warning, as it may come back;
 * once it refuses the user or the password, `refused` is aborted with that error.
 */
export async function loadQueue({ redis, prefix }: RedisOptions, { redactor, warn }: Terminal) {
  if (redis === undefined || redis === '')
    throw new BackupError('invalid_options', 'No queue given', {
      operation: 'connect',
      suggestion: 'Give --redis, or better set S3DB_BACKUP_REDIS: other users can see command lines.',
    })
  redactor.hideConnection(redis)
  const refused = new AbortController()
  const onProblem = (problem: BackupError) => {
    if (problem.code === 'permission_denied') refused.abort(problem)
    else warn({ message: problem.message, suggestion: problem.suggestion ?? '' })
  }
  try {
    const { shardQueue, shardWorker } = await import('@s3db-backup/shards-bullmq')
    return { shardQueue, shardWorker, queue: { redis, prefix, onProblem }, refused: refused.signal }
  } catch (cause) {
    throw new BackupError('unsupported', 'The queue needs BullMQ, which is not installed', {
      operation: 'connect',
      suggestion: 'npm install bullmq@6 ioredis@5',
      cause,
    })
  }
}
