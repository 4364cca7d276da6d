import { Argument, type Command, Option } from 'commander'
import {
  keyValue,
  names,
  namesIfAny,
  partition,
  positiveNumber,
  wholeNumber,
  withConnection,
  withPlace,
  withProgress,
} from '../../config/options.js'
import type { Session } from '../../session.js'
import { abort, commit, plan, run, status } from './actions.js'
import { withRedis } from './load-queue.js'
import { queue } from './queue.js'
import { finish, open, write } from './restore-actions.js'
import type { ShardOptions } from './shard-options.js'

const examples = `
One backup by many processes: plan it once, run each shard once, commit it. Give
all of them the same configuration. They run anywhere and in any order, and a
shard may run again, even twice at once. The plan is stored at the destination.
queue does all of this with processes that run 's3db-backup worker'.

Without --index, run reads JOB_COMPLETION_INDEX (Kubernetes) or
AWS_BATCH_JOB_ARRAY_INDEX (AWS Batch); without <id>, S3DB_BACKUP_PLAN.

Exit codes: 0 done, perhaps by another process; 1, 5 and 6 temporary: run it
again; 11 from commit: shards are missing. Any other needs a correction first.

Examples:
  s3db-backup shard plan --shards 8 --quiet
  s3db-backup shard run full-2024-03-15T14-30-45-abc123 --index 0
  s3db-backup shard status full-2024-03-15T14-30-45-abc123
  s3db-backup shard commit full-2024-03-15T14-30-45-abc123
  s3db-backup shard plan --type incremental --shards 8
  s3db-backup shard queue --shards 100 --redis redis://localhost:6379
  s3db-backup shard abort full-2024-03-15T14-30-45-abc123

One restore by many processes: open it once, write each shard once, finish it.
'restore --shards 4' does all of this on this machine.

  s3db-backup shard open full-2024-03-15T14-30-45-abc123 --shards 8 --quiet
  s3db-backup shard write restore-0123456789abcdef --index 0
  s3db-backup shard finish restore-0123456789abcdef`

const actions = { plan, run, commit, status, abort, queue, open, write, finish }

type Action = keyof typeof actions

const isAction = (name: string): name is Action => Object.hasOwn(actions, name)

export function shardCommand(command: Command, session: Session): void {
  command
    .addArgument(new Argument('<action>', 'the step').choices(Object.keys(actions)))
    .argument('[id]', 'the backup; for write and finish, the restore')
  withRedis(withPlace(withConnection(command, 'the database')))
    .option('--shards <n>', 'plan, queue, open: the number of shards', positiveNumber)
    .option('--index <n>', 'run, write: the index of the shard, from 0')
    .option('--type <name>', 'plan: full, incremental or a name of your own', 'full')
    .option('--id <id>', 'plan: the id of the backup, if you need to know it in advance')
    .addOption(
      new Option('--mode <mode>', 'open: what to do with existing records').choices([
        'skip',
        'merge',
        'replace',
      ]),
    )
    .option('-y, --yes', 'open: remove records without asking, with --mode replace')
    .option(
      '--allow-plain',
      'open, write, finish: accept a backup that is not encrypted although you have a key',
    )
    .option('--resources <names>', 'plan, open: only these resources (globs allowed)', names)
    .option('--exclude <names>', 'plan, open: not these resources (globs allowed)', namesIfAny)
    .option('--partition <name=values>', 'only records in these values; may be repeated', partition)
    .option('--compression <name>', 'gzip, zstd, brotli, deflate or none (default: gzip)')
    .option('--metadata <key=value>', 'plan: a note to keep with the backup', keyValue)
    .option('--since <date|id>', 'plan: build on this backup, or on the newest by this time')
    .option('--full-if-needed', 'plan: make a full one if there is nothing to build on')
    .option('--max-chain <n>', 'plan: the longest chain, including the full one', wholeNumber)
    .option('--no-verify', 'plan: do not read the parts back after writing them')
  withProgress(command)
    .addHelpText('after', examples)
    .action((action: string, id: string | undefined, options: ShardOptions) => {
      if (isAction(action)) return actions[action](session, id, options)
      return undefined
    })
}
