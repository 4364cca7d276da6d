import { Argument, type Command, Option } from 'commander'
import {
  keyValue,
  names,
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
A backup by many processes: plan it once, run each shard once, commit it. All of
them get the same configuration; where they run and in which order is no matter.
A shard may be run again, and twice at once. The plan lies at the destination.
queue does all of it with those who run 's3db-backup worker'.

Without --index, run reads JOB_COMPLETION_INDEX (Kubernetes) or
AWS_BATCH_JOB_ARRAY_INDEX (AWS Batch); without <id>, S3DB_BACKUP_PLAN.

Exit codes: 0 done, also by another process; 1, 5 and 6 may pass: run it again;
11 of a commit: shards are lacking. Any other will not pass by itself.

Examples:
  s3db-backup shard plan --shards 8 --quiet
  s3db-backup shard run full-2024-03-15T14-30-45-abc123 --index 0
  s3db-backup shard status full-2024-03-15T14-30-45-abc123
  s3db-backup shard commit full-2024-03-15T14-30-45-abc123
  s3db-backup shard plan --type incremental --shards 8
  s3db-backup shard queue --shards 100 --redis redis://localhost:6379
  s3db-backup shard abort full-2024-03-15T14-30-45-abc123

A restore by many processes: open it once, write each shard once, finish it.
'restore --shards 4' does all of that on this machine.

  s3db-backup shard open full-2024-03-15T14-30-45-abc123 --shards 8 --quiet
  s3db-backup shard write restore-0123456789abcdef --index 0
  s3db-backup shard finish restore-0123456789abcdef`

const actions = { plan, run, commit, status, abort, queue, open, write, finish }

type Action = keyof typeof actions

const isAction = (name: string): name is Action => Object.hasOwn(actions, name)

export function shardCommand(command: Command, session: Session): void {
  command
    .addArgument(new Argument('<action>', 'what to do').choices(Object.keys(actions)))
    .argument('[id]', 'the backup; of write and finish, the restore')
  withRedis(withPlace(withConnection(command, 'the database')))
    .option('--shards <n>', 'plan, queue, open: into how many pieces', positiveNumber)
    .option('--index <n>', 'run, write: which of them, from 0')
    .option('--type <name>', 'plan: full, incremental or a name of your own', 'full')
    .option('--id <id>', 'plan: the id of the backup, if it has to be known before')
    .addOption(
      new Option('--mode <mode>', 'open: what happens to records that are there').choices([
        'skip',
        'merge',
        'replace',
      ]),
    )
    .option('-y, --yes', 'open: remove records without asking, with --mode replace')
    .option('--resources <names>', 'plan, open: only these resources (globs allowed)', names)
    .option('--exclude <names>', 'plan, open: not these resources (globs allowed)', names)
    .option('--partition <name=values>', 'only records in these values; may be repeated', partition)
    .option('--compression <name>', 'gzip, zstd, brotli, deflate or none (default: gzip)')
    .option('--metadata <key=value>', 'plan: a note to keep with the backup', keyValue)
    .option('--since <date|id>', 'plan: build on the backup of this id, or the newest by then')
    .option('--full-if-needed', 'plan: make a full one where there is nothing to build on')
    .option('--max-chain <n>', 'plan: the longest chain, the full one included', wholeNumber)
    .option('--no-verify', 'plan: do not read the parts back after writing them')
  withProgress(command)
    .addHelpText('after', examples)
    .action((action: string, id: string | undefined, options: ShardOptions) => {
      if (isAction(action)) return actions[action](session, id, options)
      return undefined
    })
}
