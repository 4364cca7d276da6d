import { Command, Option } from 'commander'
import { addBackup } from './commands/backup.js'
import { addCheckDriver } from './commands/check-driver.js'
import { addConsolidate } from './commands/consolidate.js'
import { addDelete } from './commands/delete.js'
import { addDemo } from './commands/demo.js'
import { addDiff } from './commands/diff.js'
import { addDoctor } from './commands/doctor.js'
import { addKeygen } from './commands/keygen.js'
import { addList } from './commands/list.js'
import { addPrune } from './commands/prune.js'
import { addPurge } from './commands/purge.js'
import { addRepair } from './commands/repair.js'
import { addRestore } from './commands/restore.js'
import { addRotateKey } from './commands/rotate-key.js'
import { addSalvage } from './commands/salvage.js'
import { addSchedule } from './commands/schedule.js'
import { addShow } from './commands/show.js'
import { addSync } from './commands/sync.js'
import { addUndelete } from './commands/undelete.js'
import { addVerify } from './commands/verify.js'
import type { Session } from './session.js'
import { version } from './version.js'

/** Each adds one command. What a command does is loaded when it runs, so that help and typing errors are quick. */
const commands = [
  ...[addBackup, addRestore, addList, addShow, addVerify, addDiff, addConsolidate, addDelete, addUndelete],
  ...[addPrune, addPurge],
  ...[addSchedule, addKeygen, addRotateKey, addCheckDriver, addDemo],
  ...[addDoctor, addSync, addRepair, addSalvage],
]

const examples = `
Examples:
  s3db-backup backup --connection s3://KEY:SECRET@bucket/databases/app
  s3db-backup list --path ./backups
  s3db-backup restore full-2024-03-15T14-30-45-abc123 --target file:///srv/app
  s3db-backup demo

Keep the connection in S3DB_CONNECTION: other users can see command lines.
Exit codes: 0 done, 2 wrong option, 3 not found, 7 damaged, 12 incomplete,
130 stopped. The README has all of them.`

/** The whole command line. Parsing it throws instead of exiting. */
export function buildProgram(session: Session): Command {
  const program = new Command('s3db-backup')
    .description('Backs up s3db.js databases, and brings them back.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help for a command')
    .addOption(new Option('--json', 'print one JSON document instead of text'))
    .addOption(new Option('-q, --quiet', 'print only what a script needs'))
    .addOption(new Option('--no-color', 'no colours (NO_COLOR and FORCE_COLOR are honoured, too)'))
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false })
    .showSuggestionAfterError(true)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => session.terminal.print(text.trimEnd()),
      // Errors are printed in one place, after they were thrown.
      writeErr: () => undefined,
      outputError: () => undefined,
    })
    .addHelpText('after', examples)
    .hook('preAction', (_, action) => {
      const options: unknown = action.optsWithGlobals()
      session.terminal.json = isSet(options, 'json')
      session.terminal.quiet = isSet(options, 'quiet')
    })
  for (const add of commands) add(program, session)
  return program
}

function isSet(options: unknown, name: string): boolean {
  return typeof options === 'object' && options !== null && Reflect.get(options, name) === true
}
