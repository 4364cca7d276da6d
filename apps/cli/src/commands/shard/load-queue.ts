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

/** The queue, which is loaded by those alone who use it. */
export async function loadQueue({ redis, prefix }: RedisOptions, { redactor }: Terminal) {
  if (redis === undefined || redis === '')
    throw new BackupError('invalid_options', 'No queue given', {
      operation: 'connect',
      suggestion: 'Give --redis, or better set S3DB_BACKUP_REDIS: other users can see command lines.',
    })
  redactor.hideConnection(redis)
  try {
    return { ...(await import('@s3db-backup/shards-bullmq')), redis, prefix }
  } catch (cause) {
    throw new BackupError('unsupported', 'The queue needs BullMQ, which is not installed', {
      operation: 'connect',
      suggestion: 'npm install bullmq@6 ioredis@5',
      cause,
    })
  }
}
