import type { Command } from 'commander'
import type { VerifyCommand } from '../command-options.js'
import type { Session } from '../session.js'
import { withThaw } from '../thaw.js'
import { withPlace, withPlain, withProgress } from './shared-options.js'

const examples = `
Examples:
  s3db-backup verify full-2024-03-15T14-30-45-abc123
  s3db-backup verify full-2024-03-15T14-30-45-abc123 --quick`

export function addVerify(program: Command, session: Session): void {
  const command = program
    .command('verify')
    .description('check a backup: every byte, every record')
    .argument('<id>', 'the backup')
  command.option('--everywhere', 'at each destination of the driver multi')
  withProgress(
    withPlain(withThaw(withPlace(command))).option(
      '--quick',
      'only whether every file is there and has its size',
    ),
  )
    .addHelpText('after', examples)
    .action(async (id: string, options: VerifyCommand) =>
      (await import('../actions/verify.js')).verify(session, id, options),
    )
}
