import type { Command } from 'commander'
import { withThaw } from '../access/thaw.js'
import type { SalvageCommand } from '../config/command-options.js'
import { names, withPlace, withPlain } from '../config/options.js'
import type { Session } from '../session.js'

const examples = `
Without --to nothing is written: it says what is intact and what is lost. With a
connection string, records go into that database, where nothing that is there is
replaced; with a folder, into <resource>.jsonl.gz files in it. Ends with exit
code 12 if something is lost.

Examples:
  s3db-backup salvage full-2024-03-15T14-30-45-abc123
  s3db-backup salvage full-2024-03-15T14-30-45-abc123 --to ./salvaged
  s3db-backup salvage full-2024-03-15T14-30-45-abc123 --to file:///srv/salvaged`

export function addSalvage(program: Command, session: Session): void {
  const command = program
    .command('salvage')
    .description('get out of a damaged backup what is provably intact')
    .argument('<id>', 'the backup')
  withPlain(withThaw(withPlace(command)))
    .option('--to <where>', 'a connection string, or a folder that is new or empty')
    .option('--resources <names>', 'only these resources (globs allowed)', names)
    .option('--exclude <names>', 'not these resources (globs allowed)', names)
    .addHelpText('after', examples)
    .action(async (id: string, options: SalvageCommand) =>
      (await import('../actions/salvage.js')).salvage(session, id, options),
    )
}
