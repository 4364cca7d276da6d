import { Command, Option } from 'commander'
import { commands, hiddenCommands } from './command-list.js'
import type { Session } from './session.js'
import { asWideAs, helpItem } from './terminal/narrow-help.js'
import { shellWord } from './terminal/shell-words.js'
import { version } from './version.js'

const placeOptions = ['--path', '--driver', '--config', '--key-file', '--key-command']

const examples = `
Examples:
  s3db-backup backup --connection s3://KEY:SECRET@bucket/databases/app
  s3db-backup list --path ./backups
  s3db-backup restore full-2024-03-15T14-30-45-abc123 --target file:///srv/app
  s3db-backup demo

Keep the connection in S3DB_CONNECTION: other users can see command lines.
Exit codes: 0 done, 2 wrong option, 3 not found, 7 damaged, 12 incomplete,
130 stopped. The README has all of them.`

/**
 * The whole command line. Parsing it throws instead of exiting. Only the commands named in `argv` are loaded, so that
 * help and typing errors are quick.
 */
export async function buildProgram(session: Session, argv: readonly string[]): Promise<Command> {
  const program = new Command('s3db-backup')
    .description('Backs up and restores s3db.js databases.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help for a command')
    .addOption(new Option('--json', 'print one JSON document instead of text'))
    .addOption(new Option('-q, --quiet', 'print only what a script needs'))
    .addOption(new Option('--strict', 'exit with 12 if there were warnings'))
    .addOption(new Option('--no-color', 'no colours (NO_COLOR and FORCE_COLOR also work)'))
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false, subcommandTerm, formatItem: helpItem })
    .showSuggestionAfterError(true)
    .enablePositionalOptions(argv[0] === '__complete')
    .exitOverride()
    .configureOutput({
      getOutHelpWidth: () => session.terminal.width ?? 80,
      writeOut: (text) => session.terminal.print(asWideAs(session.terminal.width, text.trimEnd())),
      // Errors are printed in one place, after they are thrown.
      writeErr: () => undefined,
      outputError: () => undefined,
    })
    .addHelpText('after', examples)
    .hook('preAction', (_, action) => {
      const options: unknown = action.optsWithGlobals()
      session.terminal.json = isSet(options, 'json')
      session.terminal.quiet = isSet(options, 'quiet')
      session.strict = isSet(options, 'strict')
      session.place = placeOf(action)
      session.terminal.place = session.place
    })
  await checkHelp(argv)
  if (argv[0] === '__complete')
    for (const { name, load } of hiddenCommands)
      (await load())(program.command(name, { hidden: true }), session)
  for (const { name, alias = name, takes, does, load } of commands) {
    const command = program.command(name).description(does).usage(`[options] ${takes}`.trimEnd())
    if (alias !== name) command.alias(alias)
    if (!argv.includes(name) && !argv.includes(alias)) continue
    const first = argv.find((word) => !word.startsWith('-'))
    if (first === name || first === alias) session.command = name
    ;(await load())(command, session)
  }
  return program
}

/** `help lst` would show the help of everything, as if nothing was wrong. */
async function checkHelp(argv: readonly string[]): Promise<void> {
  const [first, second] = argv.filter((word) => !word.startsWith('-'))
  const names = commands.flatMap(({ name, alias }) => (alias === undefined ? [name] : [name, alias]))
  if (first !== 'help' || second === undefined || [...names, 'help'].includes(second)) return
  const { BackupError, nearest } = await import('@s3db-backup/core/messages')
  throw new BackupError('invalid_options', `Unknown command '${second}'${nearest(second, names)}`, {
    operation: 'validateConfig',
    suggestion: "See 's3db-backup --help'.",
  })
}

/** A command as help lists it: `list|ls [options]`. */
function subcommandTerm(command: Command): string {
  return `${[command.name(), ...command.aliases()].join('|')} ${command.usage()}`
}

/** The destination as typed, so that suggested commands use the same options. */
function placeOf(command: Command): string {
  return command.options
    .filter(({ long }) => long !== undefined && placeOptions.includes(long))
    .filter((option) => command.getOptionValueSource(option.attributeName()) === 'cli')
    .map((option) => ` ${option.long} ${shellWord(String(command.getOptionValue(option.attributeName())))}`)
    .join('')
}

function isSet(options: unknown, name: string): boolean {
  return typeof options === 'object' && options !== null && Reflect.get(options, name) === true
}
