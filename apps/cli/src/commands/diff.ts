import type { Command } from 'commander'
import type { DiffCommand } from '../config/command-options.js'
import { names, withPlace, withPlain } from '../config/options.js'
import type { Session } from '../session.js'

const examples = `
Prints + for a record that was added, ~ for one that was changed, - for one that
was removed. With --json one JSON document per line.

Examples:
  s3db-backup diff full-2024-03-15T14-30-45-abc123 OTHER_ID
  s3db-backup diff FROM TO --resources users --summary
  s3db-backup diff FROM TO --json | jq -r 'select(.change == "removed") | .id'`

export function addDiff(program: Command, session: Session): void {
  const command = program
    .command('diff')
    .description('show which records differ between two backups')
    .argument('<from>', 'the earlier backup')
    .argument('<to>', 'the later backup')
  withPlain(withPlace(command))
    .option('--summary', 'only count them')
    .option('--resources <names>', 'only these resources (globs allowed)', names)
    .option('--exclude <names>', 'not these resources (globs allowed)', names)
    .addHelpText('after', examples)
    .action(async (from: string, to: string, options: DiffCommand) =>
      (await import('../actions/diff.js')).diff(session, { from, to }, options),
    )
}
