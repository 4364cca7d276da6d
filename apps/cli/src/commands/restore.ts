import { type Command, Option } from 'commander'
import { withThaw } from '../access/thaw.js'
import type { RestoreCommand } from '../config/command-options.js'
import {
  keyValue,
  names,
  partition,
  withConnection,
  withPlace,
  withPlain,
  withProgress,
} from '../config/options.js'
import type { Session } from '../session.js'

const examples = `
Records that are there are kept, unless --overwrite or --mode says otherwise:
  skip     keep them (default)
  merge    replace them with those of the backup (the same as --overwrite)
  replace  also remove records that the backup does not have; asks first

Examples:
  s3db-backup restore full-2024-03-15T14-30-45-abc123 --overwrite
  s3db-backup restore full-2024-03-15T14-30-45-abc123 --mode replace --dry-run
  s3db-backup restore full-2024-03-15T14-30-45-abc123 --target file:///tmp/look
  s3db-backup restore full-2024-03-15T14-30-45-abc123 --ids ann,bob
  s3db-backup restore full-2024-03-15T14-30-45-abc123 --rename users=users_old`

export function addRestore(program: Command, session: Session): void {
  const command = program
    .command('restore')
    .description('bring a backup back into a database')
    .argument('<id>', 'the backup')
  withPlace(withConnection(command, 'the database to restore into'))
    .option('--target <url>', 'another database to restore into, instead of --connection')
    .option('--overwrite', 'replace records that are there already')
    .addOption(
      new Option('--mode <mode>', 'what happens to records that are there')
        .choices(['skip', 'merge', 'replace'])
        .conflicts('overwrite'),
    )
    .option('--resources <names>', 'only these resources (globs allowed)', names)
    .option('--exclude <names>', 'not these resources (globs allowed)', names)
    .option('--ids <ids>', 'only these records', names)
    .option('--partition <name=values>', 'only records in these values; may be repeated', partition)
    .option('--rename <old=new>', 'a resource under another name; may be repeated', keyValue)
    .option('-y, --yes', 'with --mode replace: do not ask; needed where there is no terminal')
    .option('--dry-run', 'count what would be done and write nothing')
    .option('--allow-incomplete', 'restore a backup that lacks records')
    .option('--no-verify', 'do not check the whole backup before the first record is written')
  withThaw(command)
  withProgress(withPlain(command))
    .addHelpText('after', examples)
    .action(async (id: string, options: RestoreCommand) =>
      (await import('../actions/restore.js')).restore(session, id, options),
    )
}
