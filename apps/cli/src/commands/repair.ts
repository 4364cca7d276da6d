import type { Command } from 'commander'
import type { PlaceOptions } from '../config/command-options.js'
import { withPlace } from '../config/options.js'
import type { Session } from '../session.js'

const examples = `
For the driver multi. Reads the backup at every destination, and replaces what
is damaged or missing by a copy that was just read and found sound.

Examples:
  s3db-backup repair full-2024-03-15T14-30-45-abc123
  s3db-backup verify full-2024-03-15T14-30-45-abc123 --everywhere`

export function addRepair(program: Command, session: Session): void {
  withPlace(
    program
      .command('repair')
      .description('heal a backup at one destination from another')
      .argument('<id>', 'the backup'),
  )
    .addHelpText('after', examples)
    .action(async (id: string, options: PlaceOptions) =>
      (await import('../actions/replicas.js')).repair(session, id, options),
    )
}
