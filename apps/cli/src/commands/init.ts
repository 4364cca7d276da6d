import { access } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { BackupError } from '@s3db-backup/core'
import { keygen } from '@s3db-backup/encryption'
import { type Command, Option } from 'commander'
import { openPlugin } from '../access/open-plugin.js'
import { cannotWrite, writeNew, writeWhole } from '../access/output-files.js'
import { configFileNames } from '../config/config-file.js'
import {
  type Choices,
  holdsSecret,
  newConfiguration,
  type Question,
  questions,
  unanswered,
} from '../config/new-configuration.js'
import { fromHome, pathFrom, withPathsOf } from '../config/paths.js'
import { readSettings, type Settings, settingsOf } from '../config/settings.js'
import type { Session } from '../session.js'
import { openPrompt, type Prompt } from '../terminal/prompt.js'
import { printDryRun } from '../terminal/summaries/dry-run-summary.js'
import { withDatabase } from './backup/with-database.js'
import { examine, printExamined } from './doctor/doctor.js'
import { writeKey } from './keys.js'

interface InitOptions extends Choices {
  readonly config: string
  readonly force?: boolean | undefined
  /** False with `--no-check`. */
  readonly check: boolean
}

const examples = `
Asks for everything that no option gives. Without a terminal, answer each
question by an option.
The file contains no secret, only its location: a variable, a file or a command.

Examples:
  s3db-backup init
  s3db-backup init --connection-env S3DB_CONNECTION --path s3://bucket/backups \\
    --key-file /etc/s3db-backup.key --schedule daily
  s3db-backup init --connection file:///srv/app --path /mnt/backups \\
    --no-encryption --no-schedule --config /etc/s3db-backup.json`

const [defaultFile = ''] = configFileNames

export function initCommand(command: Command, session: Session): void {
  command
    .option('--config <file>', 'the file to write', defaultFile)
    .option('--force', 'replace an existing file')
    .option('--connection <url>', 'the database, if its address holds no secret')
    .option('--connection-env <name>', 'the variable with its address')
    .option('--connection-file <file>', 'the file with its address')
    .option('--connection-command <command>', 'the command that prints its address')
    .option('--path <where>', 'where to store backups: a folder or s3://bucket/prefix')
    .option('--key-file <file>', 'encrypt with the key in this file; created if it does not exist')
    .option('--key-command <command>', 'encrypt with the key that this command prints')
    .option('--key-env', 'encrypt with the key in S3DB_BACKUP_KEY')
    .option('--no-encryption', 'do not encrypt')
    .addOption(new Option('--schedule <when>', 'hourly, daily, weekly, or a cron expression'))
    .option('--no-schedule', 'no schedule')
    .option('--no-check', 'only write the file; test nothing')
    .addHelpText('after', examples)
    .action((options: InitOptions) => init(session, options))
}

/** `s3db-backup init`: writes a configuration, then tries the destination and reads the database once. */
export async function init(session: Session, given: InitOptions): Promise<void> {
  const { terminal } = session
  const file = resolve(fromHome(given.config))
  if (given.force !== true) await checkFree(file)
  const choices = await answeredBy(session, given)
  const content = newConfiguration(fromFolderOf(file, choices))
  // Checked before anything is written: an invalid cron expression is an error.
  const checked = { path: file, content: withPathsOf(file, withoutReferences(content)) }
  openPlugin(await settingsOf(checked, {}, terminal))
  const made = choices.keyFile === undefined ? undefined : await keyIn(choices.keyFile)
  const text = `${JSON.stringify(content, null, 2)}\n`
  await (given.force === true ? writeWhole(file, text, 0o600) : writeNew(file, text))
  const { green } = terminal.errorColors
  if (made !== undefined)
    terminal.note(`${green('✓')} A new key is in ${made}. Keep a copy elsewhere: without it no backup opens.`)
  terminal.note(`${green('✓')} The configuration is in ${file}`)
  const tried = given.check ? await tryOut(session, file) : { doctor: null, dryRun: null }
  if (terminal.json) terminal.document({ config: file, keyFile: made ?? null, ...tried })
}

/** Paths are typed from the current directory on, and read from the folder of the file on. */
function fromFolderOf(file: string, choices: Choices): Choices {
  if (dirname(file) === process.cwd()) return choices
  const here = (path: string | undefined) => (path === undefined ? undefined : pathFrom(process.cwd(), path))
  const { connection, connectionFile, path, keyFile } = choices
  return {
    ...choices,
    connection: connection?.replace(
      /^file:\/\/(?=\.)(.*)$/,
      (_, typed: string) => `file://${resolve(typed)}`,
    ),
    connectionFile: here(connectionFile),
    path: here(path),
    keyFile: here(keyFile),
  }
}

/** The content of the file without its references, whose targets may not exist yet. */
function withoutReferences({
  connection: _,
  encryption: __,
  ...content
}: Readonly<Record<string, unknown>>): unknown {
  return content
}

async function checkFree(file: string): Promise<void> {
  const taken = await access(file).then(
    () => true,
    () => false,
  )
  if (!taken) return
  throw new BackupError('conflict', `The file ${file} already exists`, {
    operation: 'validateConfig',
    suggestion: 'Choose another --config, or replace it: add --force.',
  })
}

/** A key in a new file; `undefined` if there is one already, which is never replaced. */
async function keyIn(keyFile: string): Promise<string | undefined> {
  const path = resolve(fromHome(keyFile))
  try {
    await access(path)
    return undefined
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      await writeKey(path, keygen())
      return path
    }
    throw cannotWrite(path, error)
  }
}

/** The doctor's findings, and what a first backup would come to. */
async function tryOut(session: Session, config: string) {
  const { terminal } = session
  const settings: Settings = await readSettings({ config }, terminal)
  const doctor = await examine(session, settings)
  if (!terminal.json) printExamined(terminal, doctor)
  if (!doctor.ok) return { doctor, dryRun: null }
  const call = { dryRun: true, full: true, verify: true, progress: 'auto' } as const
  const dryRun = await withDatabase(session, settings, call, async (plugin, options, progress) => {
    const found = await plugin.backup('full', { ...options, dryRun: true })
    progress.stop()
    if (!terminal.json) {
      if (!terminal.quiet) terminal.print()
      printDryRun(terminal, found, undefined)
    }
    return found
  })
  return { doctor, dryRun }
}

async function answeredBy(session: Session, given: InitOptions): Promise<Choices> {
  const open = unanswered(given)
  if (open.length === 0) return given
  const { terminal } = session
  if (!terminal.watched || !terminal.input.isTTY || terminal.json) throw missing(open)
  const prompt = openPrompt(session)
  try {
    let choices: Choices = given
    for (const question of open) choices = { ...choices, ...(await asks[question](prompt, session)) }
    return choices
  } finally {
    prompt.close()
  }
}

function missing(open: readonly Question[]): BackupError {
  return new BackupError(
    'invalid_options',
    `No terminal to ask on, and options are missing: ${open.map((question) => questions[question]).join('; ')}`,
    { operation: 'validateConfig', suggestion: "Give these options; see 's3db-backup init --help'." },
  )
}

type Ask = (prompt: Prompt, session: Session) => Promise<Partial<Choices>>

const asks: Readonly<Record<Question, Ask>> = {
  async database({ ask }, { terminal }) {
    for (;;) {
      const answer = await ask('Database: an address, or the variable that contains it', 'S3DB_CONNECTION')
      if (/^[A-Za-z_]\w*$/.test(answer)) return { connectionEnv: answer }
      if (!holdsSecret(answer)) return { connection: answer }
      terminal.redactor.hideConnection(answer)
      terminal.note('That address contains a secret. Put it into a variable, and give its name.')
    }
  },
  async destination({ ask }) {
    return { path: await ask('Store backups in a folder or at s3://bucket/prefix', './backups') }
  },
  async encryption({ ask }) {
    if (/^n/i.test(await ask('Encrypt them? y/n', 'y'))) return { encryption: false }
    return { keyFile: await ask('Key file; created if it does not exist', './s3db-backup.key') }
  },
  async schedule({ ask }) {
    const answer = await ask('Back up hourly, daily, weekly, none, or by a cron expression', 'daily')
    return { schedule: answer === 'none' ? false : answer }
  },
}
