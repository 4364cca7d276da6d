import type { Command } from 'commander'
import type { DemoCommand } from '../config/command-options.js'
import { withProgress } from '../config/options.js'
import type { Session } from '../session.js'

const examples = `
Makes a database of realistic records in a folder, backs it up, deletes it,
restores the backup into a new database and compares every record. The files
stay, to look at.

Examples:
  s3db-backup demo
  s3db-backup demo --dir ./demo`

export function addDemo(program: Command, session: Session): void {
  withProgress(
    program
      .command('demo')
      .description('see it work: back up, destroy, restore and compare a database')
      .option('--dir <dir>', 'where to make it: an empty or new folder (default: a temporary one)'),
  )
    .addHelpText('after', examples)
    .action(async (options: DemoCommand) => (await import('../actions/demo.js')).demo(session, options))
}
