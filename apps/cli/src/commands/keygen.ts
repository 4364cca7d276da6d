import type { Command } from 'commander'
import type { KeygenCommand } from '../config/command-options.js'
import type { Session } from '../session.js'

const examples = `
Examples:
  s3db-backup keygen --out backup.key
  export S3DB_BACKUP_KEY="$(s3db-backup keygen)"

Keep a copy where the backups are not: what a key encrypts is lost without it.`

export function addKeygen(program: Command, session: Session): void {
  program
    .command('keygen')
    .description('make a random key to encrypt backups with')
    .option('--out <file>', 'into a new file that only you can read, instead of printing it')
    .addHelpText('after', examples)
    .action(async (options: KeygenCommand) => (await import('../actions/keygen.js')).keygen(session, options))
}
