import type { Command } from 'commander'
import type { BackupCommand } from '../config/command-options.js'
import {
  keyValue,
  names,
  partition,
  wholeNumber,
  withConnection,
  withPlace,
  withProgress,
} from '../config/options.js'
import type { Session } from '../session.js'

const examples = `
Examples:
  s3db-backup backup --connection s3://KEY:SECRET@bucket/databases/app
  s3db-backup backup incremental --full-if-needed
  s3db-backup backup incremental --dry-run --prices
  s3db-backup backup selective --resources users --partition byRegion=US,EU
  s3db-backup backup weekly-snapshot --metadata reason=release
  s3db-backup backup --list
  s3db-backup backup --status full-2024-03-15T14-30-45-abc123`

export function addBackup(program: Command, session: Session): void {
  const command = program
    .command('backup')
    .description('make a backup')
    .argument('[type]', 'full, incremental, selective, or a name of your own', 'full')
  withPlace(withConnection(command, 'the database'))
    .option('--resources <names>', 'only these resources (globs allowed)', names)
    .option('--exclude <names>', 'not these resources (globs allowed)', names)
    .option('--partition <name=values>', 'only records in these values; may be repeated', partition)
    .option('--since <date|id>', 'incremental: build on the backup of this id, or the newest by then')
    .option('--full-if-needed', 'incremental: make a full one where there is nothing to build on')
    .option('--max-chain <n>', 'incremental: the longest chain, the full one included', wholeNumber)
    .option('--compression <name>', 'gzip, zstd, brotli, deflate or none (default: gzip)')
    .option('--metadata <key=value>', 'a note to keep with the backup; may be repeated', keyValue)
    .option('--no-verify', 'do not read the backup back after writing it')
    .option('--dry-run', 'read everything, write nothing, and say what it would come to')
    .option('--prices', 'with --dry-run: say what the requests would cost at S3')
    .option('--list', 'list the backups instead')
    .option('--status <id>', 'show one backup instead')
  withProgress(command)
    .addHelpText('after', examples)
    .action(async (type: string, options: BackupCommand & { list?: boolean; status?: string }) => {
      if (options.list === true) return (await import('../actions/list.js')).list(session, options)
      if (options.status !== undefined)
        return (await import('../actions/status.js')).status(session, options.status, options)
      return (await import('../actions/backup.js')).backup(session, type, options)
    })
}
