import { followSignal } from '@s3db-backup/core/internal'
import type { JobEnd } from '@s3db-backup/shards-bullmq'
import { type Command, Option } from 'commander'
import { openDatabase } from '../../access/database.js'
import { openPlugin } from '../../access/open-plugin.js'
import { checkConnection } from '../../config/connection.js'
import { type PlaceOptions, positiveNumber, withConnection, withPlace } from '../../config/options.js'
import { readSettings } from '../../config/settings.js'
import { stopped } from '../../interrupts.js'
import type { Session } from '../../session.js'
import { loadQueue, withRedis } from './load-queue.js'

interface WorkerOptions extends PlaceOptions {
  readonly connection?: string | undefined
  readonly redis?: string | undefined
  readonly prefix?: string | undefined
  readonly concurrency?: number | undefined
  readonly compression?: string | undefined
}

const examples = `
Processes shards of backups from a queue in Redis until it is stopped. Start any
number, on any machine, with the same configuration; 'shard queue' gives them
work. Database, destination and key come from the worker's own configuration and
never go through Redis. The first Ctrl-C or SIGTERM lets it finish its shards.

Examples:
  S3DB_BACKUP_REDIS=rediss://user:password@redis:6379 s3db-backup worker
  s3db-backup worker --redis redis://localhost:6379 --concurrency 2`

export function workerCommand(command: Command, session: Session): void {
  withRedis(withPlace(withConnection(command, 'the database')))
    .option('--concurrency <n>', 'shards at once in this process (default: 1)', positiveNumber)
    .addOption(new Option('--compression <name>', 'the same as in the plan'))
    .addHelpText('after', examples)
    .action((options: WorkerOptions) => worker(session, options))
}

/** `s3db-backup worker`: runs shards and commits from a queue until it is stopped. */
export async function worker(session: Session, options: WorkerOptions): Promise<void> {
  const { terminal, signal } = session
  const { shardWorker, queue, refused } = await loadQueue(options, terminal)
  const settings = await readSettings(options, terminal)
  const connection = checkConnection(settings.connection)
  const opened = await openDatabase(connection, session, { mustExist: true })
  try {
    const plugin = openPlugin(settings, opened.database)
    const compression = options.compression as 'gzip' | undefined
    const working = shardWorker({
      ...queue,
      concurrency: options.concurrency,
      run: (id, index, stop) => plugin.shards.run(id, index, { compression, signal: stop }),
      commit: (id, stop) => plugin.shards.commit(id, { compression, signal: stop }),
      onEnd: (end) => tell(session, end),
    })
    terminal.note('Waiting for shards.')
    await stopped(followSignal(signal, refused))
    await working.close()
    refused.throwIfAborted()
  } finally {
    await opened.close()
  }
  session.exitCode = 0
}

function tell({ terminal }: Session, { plan, index, error, again }: JobEnd): void {
  const what = index === undefined ? `the commit of ${plan}` : `shard ${index} of ${plan}`
  if (terminal.json) {
    terminal.record({ plan, index: index ?? null, ok: error === undefined, again })
    return
  }
  if (error === undefined) terminal.print(`${terminal.colors.green('✓')} ${what}`)
  else {
    const why = error instanceof Error ? error.message : String(error)
    terminal.complain(`${terminal.errorColors.red('✗')} ${what}: ${why}${again ? ' (tried again)' : ''}`)
  }
}
