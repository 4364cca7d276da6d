import { BackupError } from '@s3db-backup/core'
import { withoutCredentials } from '@s3db-backup/core/internal'
import { checkConnection } from './connection.js'

/** The input of `init`, from options or answers. It never contains secrets, only their places. */
export interface Choices {
  readonly connection?: string | undefined
  readonly connectionEnv?: string | undefined
  readonly connectionFile?: string | undefined
  readonly connectionCommand?: string | undefined
  readonly path?: string | undefined
  readonly keyFile?: string | undefined
  readonly keyCommand?: string | undefined
  readonly keyEnv?: boolean | undefined
  /** False with `--no-encryption`. */
  readonly encryption: boolean
  /** `hourly`, `daily`, `weekly` or a cron expression; false with `--no-schedule`. */
  readonly schedule?: string | false | undefined
}

/** What `init` can ask, and the options that answer it. */
export const questions = {
  database: '--connection, --connection-env, --connection-file or --connection-command',
  destination: '--path',
  encryption: '--key-file, --key-command, --key-env or --no-encryption',
  schedule: '--schedule or --no-schedule',
} as const

export type Question = keyof typeof questions

/** The open questions. */
export function unanswered(choices: Choices): Question[] {
  const { connection, connectionEnv, connectionFile, connectionCommand, path } = choices
  const { keyFile, keyCommand, keyEnv, encryption, schedule } = choices
  const answered: Readonly<Record<Question, boolean>> = {
    database: [connection, connectionEnv, connectionFile, connectionCommand].some((one) => one !== undefined),
    destination: path !== undefined,
    encryption: !encryption || [keyFile, keyCommand, keyEnv].some((one) => one !== undefined),
    schedule: schedule !== undefined,
  }
  return (Object.keys(questions) as Question[]).filter((question) => !answered[question])
}

/** Cron expressions of the usual rhythms. Not at the full hour, when everybody else's are due. */
export const rhythms: Readonly<Record<string, string>> = {
  hourly: '23 * * * *',
  daily: '23 2 * * *',
  weekly: '23 2 * * 0',
}

/**
 * The configuration as it is written.
 *
 * @throws BackupError `invalid_options` for an address that holds credentials, or is none.
 */
export function newConfiguration(choices: Choices): Readonly<Record<string, unknown>> {
  const { path, keyFile, keyCommand, encryption, schedule } = choices
  if (path !== undefined) checkNoSecret(path, '--path', 'Leave the keys to AWS_ACCESS_KEY_ID or a profile.')
  return {
    connection: connectionIn(choices),
    path,
    ...(encryption
      ? { encryption: { algorithm: 'AES-256-GCM', ...definedOf({ keyFile, keyCommand }) } }
      : {}),
    ...(schedule === undefined || schedule === false
      ? {}
      : { schedule: { [schedule in rhythms ? schedule : 'backup']: rhythms[schedule] ?? schedule } }),
  }
}

function connectionIn(choices: Choices): unknown {
  const { connection, connectionEnv: env, connectionFile: file, connectionCommand: command } = choices
  if (connection === undefined) return definedOf({ env, file, command })
  checkNoSecret(
    connection,
    '--connection',
    'Put it into a variable or a file: --connection-env S3DB_CONNECTION.',
  )
  return checkConnection(connection)
}

/** Whether an address holds what a file that others may read must not hold. */
export function holdsSecret(address: string): boolean {
  return withoutCredentials(address) !== address
}

function checkNoSecret(address: string, option: string, suggestion: string): void {
  if (!holdsSecret(address)) return
  throw new BackupError(
    'invalid_options',
    `${option} contains credentials; the configuration file must not contain any`,
    {
      operation: 'validateConfig',
      suggestion,
    },
  )
}

function definedOf(fields: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fields).filter((field): field is [string, string] => field[1] !== undefined),
  )
}
