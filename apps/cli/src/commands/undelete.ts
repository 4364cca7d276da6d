import type { Command } from 'commander'
import type { PlaceOptions } from '../config/command-options.js'
import { withPlace } from '../config/options.js'
import type { Session } from '../session.js'

const examples = `
Examples:
  s3db-backup list --deleted
  s3db-backup undelete full-2024-03-15T14-30-45-abc123`

export function addUndelete(program: Command, session: Session): void {
  withPlace(
    program
      .command('undelete')
      .description('bring back a backup that was deleted with a grace time, and those that it needs')
      .argument('<id>', 'the backup'),
  )
    .addHelpText('after', examples)
    .action(async (id: string, options: PlaceOptions) =>
      (await import('../actions/undelete.js')).undelete(session, id, options),
    )
}
