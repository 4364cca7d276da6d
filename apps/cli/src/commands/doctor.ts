import type { Command } from 'commander'
import type { PlaceOptions } from '../config/command-options.js'
import { withPlace } from '../config/options.js'
import type { Session } from '../session.js'

const examples = `
Writes, reads, lists and deletes something small, and removes it again. Exits
with the code of the first problem; notes are no problems.

Examples:
  s3db-backup doctor --path /mnt/backups
  s3db-backup doctor --config ./s3db-backup.config.json --json`

export function addDoctor(program: Command, session: Session): void {
  withPlace(program.command('doctor').description('try whether backups can be kept at the destination'))
    .addHelpText('after', examples)
    .action(async (options: PlaceOptions) => (await import('../actions/doctor.js')).doctor(session, options))
}
