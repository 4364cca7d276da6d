import { type Command, Option } from 'commander'
import { withThaw } from '../access/thaw.js'
import type { VerifyCommand } from '../config/command-options.js'
import { names, positiveNumber, withPlace, withPlain, withProgress } from '../config/options.js'
import type { Session } from '../session.js'

const examples = `
Levels: quick compares what is there with what should be, by size; stored reads
and hashes every byte and needs no key; full (the default) also decodes every
record; restore is a drill: it restores the backup into a database of its own
and compares every record.

Examples:
  s3db-backup verify full-2024-03-15T14-30-45-abc123
  s3db-backup verify full-2024-03-15T14-30-45-abc123 --quick
  s3db-backup verify --last 5
  s3db-backup verify full-2024-03-15T14-30-45-abc123 --subset "$(date +%u)/7"
  s3db-backup verify full-2024-03-15T14-30-45-abc123 --level restore \\
    --report drill.json --report-text drill.txt --signed-off-by "Ada L."`

export function addVerify(program: Command, session: Session): void {
  const command = program
    .command('verify')
    .description('check a backup: every byte, every record, or a restore')
    .argument('[id]', 'the backup; left out with --last')
  withProgress(withPlain(withThaw(withPlace(command))))
    .option('--everywhere', 'at each destination of the driver multi')
    .addOption(
      new Option('--level <level>', 'how much is looked at (default: full)').choices([
        'quick',
        'stored',
        'full',
        'restore',
      ]),
    )
    .addOption(new Option('--quick', 'only whether every file is there and has its size').conflicts('level'))
    .option('--last <n>', 'the newest backups, one after the other', positiveNumber)
    .option('--subset <n/m>', 'read only a part of the files: 1/7 to 7/7 together read all')
    .option('--resources <names>', 'drill: only these resources (globs allowed)', names)
    .option('--exclude <names>', 'drill: not these resources (globs allowed)', names)
    .option('--scratch <where>', 'drill: disk, memory or a connection string (default: disk)')
    .option('--report <file>', 'drill: write the report there, as JSON')
    .option('--report-text <file>', 'drill: write the report there, for people')
    .option('--keep-report', 'drill: keep the report at the destination, below reports/')
    .option('--signed-off-by <who>', 'drill: who stands for the report')
    .option(
      '--signing-key-file <file>',
      'drill: sign the report with this Ed25519 key (or set S3DB_BACKUP_SIGNING_KEY)',
    )
    .addHelpText('after', examples)
    .action(async (id: string | undefined, options: VerifyCommand) =>
      (await import('../actions/verify.js')).verify(session, id, options),
    )
}
