import { type Command, Option } from 'commander'
import type { RotateKeyCommand } from '../config/command-options.js'
import { withPlace } from '../config/options.js'
import type { Session } from '../session.js'

const examples = `
The key that opens the backup now comes from S3DB_BACKUP_KEY, --key-file or
--key-command, the new one from S3DB_BACKUP_NEW_KEY or as below. Only a small
file is written; the data stays as it is.

Examples:
  s3db-backup keygen --out new.key
  s3db-backup rotate-key full-2024-03-15T14-30-45-abc123 --new-key-file new.key`

export function addRotateKey(program: Command, session: Session): void {
  const command = program
    .command('rotate-key')
    .description('give an encrypted backup another key')
    .argument('<id>', 'the backup')
  withPlace(command)
    .option('--new-key-file <file>', 'a file with the new key (or set S3DB_BACKUP_NEW_KEY)')
    .addOption(
      new Option('--new-key-command <command>', 'a command that prints the new key').conflicts('newKeyFile'),
    )
    .option('--remove-old', 'also remove the files that the old keys open')
    .addHelpText('after', examples)
    .action(async (id: string, options: RotateKeyCommand) =>
      (await import('../actions/rotate-key.js')).rotateKey(session, id, options),
    )
}
