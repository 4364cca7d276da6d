import type { Command } from 'commander'
import type { Session } from '../session.js'
import { type PlaceOptions, withPlace } from './shared-options.js'

export interface DeleteCommand extends PlaceOptions {
  readonly yes?: boolean
}

const examples = `
Examples:
  s3db-backup delete full-2024-03-15T14-30-45-abc123
  s3db-backup delete full-2024-03-15T14-30-45-abc123 --yes`

export function addDelete(program: Command, session: Session): void {
  withPlace(
    program.command('delete').alias('rm').description('delete a backup').argument('<id>', 'the backup'),
  )
    .option('-y, --yes', 'do not ask; needed where there is no terminal')
    .addHelpText('after', examples)
    .action(async (id: string, options: DeleteCommand) =>
      (await import('../actions/delete.js')).deleteBackup(session, id, options),
    )
}
