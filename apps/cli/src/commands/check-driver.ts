import type { Command } from 'commander'
import type { CheckDriverCommand } from '../config/command-options.js'
import { names, withPlace, withProgress } from '../config/options.js'
import type { Session } from '../session.js'

const examples = `
Examples:
  s3db-backup check-driver s3db-backup-driver-ftp --config ftp.json
  s3db-backup check-driver ./my-driver.mjs --path /mnt/backups
  s3db-backup check-driver s3db-backup.config.json --json

It works below a prefix of its own, driver-testkit-..., and removes what it
stored: about 50 MB in about 1,300 objects. Exits with 1 if a case failed or
something stayed behind.`

export function addCheckDriver(program: Command, session: Session): void {
  const command = program
    .command('check-driver')
    .description('find out whether a driver keeps the contract, on your own storage')
    .argument('[driver]', 'a package, a module, a name, or a configuration file (*.json, *.config.mjs)')
  withProgress(withPlace(command))
    .option('--only <ids>', 'only these cases, by id', names)
    .addHelpText('after', examples)
    .action(async (driver: string | undefined, options: CheckDriverCommand) =>
      (await import('../actions/check-driver.js')).checkDriver(session, driver, options),
    )
}
