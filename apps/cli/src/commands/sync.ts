import type { Command } from 'commander'
import type { PlaceOptions } from '../config/command-options.js'
import { withPlace } from '../config/options.js'
import type { Session } from '../session.js'

const examples = `
For the driver multi. Copies from one destination to the others what they lack:
parts first, each compared with its hash, the manifest last.

Examples:
  s3db-backup sync --config ./s3db-backup.config.json
  s3db-backup sync full-2024-03-15T14-30-45-abc123`

export function addSync(program: Command, session: Session): void {
  withPlace(
    program
      .command('sync')
      .description('copy backups to the destinations that lack them')
      .argument('[id]', 'only this backup and those that it builds on'),
  )
    .addHelpText('after', examples)
    .action(async (id: string | undefined, options: PlaceOptions) =>
      (await import('../actions/replicas.js')).sync(session, id, options),
    )
}
