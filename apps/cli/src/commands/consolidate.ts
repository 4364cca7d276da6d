import type { Command } from 'commander'
import type { ConsolidateCommand } from '../config/command-options.js'
import { withPlace, withPlain, withProgress } from '../config/options.js'
import type { Session } from '../session.js'

const examples = `
The chain itself stays: delete it, or let prune do so.

Examples:
  s3db-backup consolidate incremental-2024-03-15T14-30-45-abc123`

export function addConsolidate(program: Command, session: Session): void {
  const command = program
    .command('consolidate')
    .description('merge a chain of incremental backups into a new full one')
    .argument('<id>', 'the last backup of the chain')
  withPlace(command)
    .option('--compression <name>', 'gzip, zstd, brotli, deflate or none (default: gzip)')
    .option('--no-verify', 'do not read the backup back after writing it')
  withProgress(withPlain(command))
    .addHelpText('after', examples)
    .action(async (id: string, options: ConsolidateCommand) =>
      (await import('../actions/consolidate.js')).consolidate(session, id, options),
    )
}
