import type { Command } from 'commander'
import type { PlaceOptions } from '../config/command-options.js'
import { withPlace } from '../config/options.js'
import type { Session } from '../session.js'

const examples = `
Examples:
  s3db-backup show full-2024-03-15T14-30-45-abc123
  s3db-backup show full-2024-03-15T14-30-45-abc123 --json | jq .manifest.parts`

export function addShow(program: Command, session: Session): void {
  withPlace(
    program
      .command('show')
      .description('show what a backup holds: its resources and files')
      .argument('<id>', 'the backup'),
  )
    .addHelpText('after', examples)
    .action(async (id: string, options: PlaceOptions) =>
      (await import('../actions/show.js')).show(session, id, options),
    )
}
