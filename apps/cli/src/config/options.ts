import { type Command, InvalidArgumentError, Option } from 'commander'

/** How progress is reported. */
export type ProgressMode = 'auto' | 'json' | 'none'

/** The options of every command that uses stored backups, as commander passes them. */
export interface PlaceOptions {
  readonly path?: string | undefined
  readonly driver?: string | undefined
  readonly config?: string | undefined
  readonly keyFile?: string | undefined
  readonly keyCommand?: string | undefined
}

/** `--partition byRegion=US,EU`, by partition. */
export type PartitionOptions = Readonly<Record<string, string[]>>

/** Where the backups are. */
export function withPlace(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--path <where>',
        'where to store backups: a folder or s3://bucket/prefix; may contain {date} {year} {month} {day} {time} {type} {backupId} (default: ./backups)',
      ).env('S3DB_BACKUP_PATH'),
    )
    .addOption(
      new Option(
        '--driver <name>',
        'how to store them there: filesystem, s3, multi, a package or a module (default: filesystem)',
      ).env('S3DB_BACKUP_DRIVER'),
    )
    .addOption(
      new Option(
        '--config <file>',
        'a configuration file (default: s3db-backup.config.json, .mjs or .js in this directory)',
      ).env('S3DB_BACKUP_CONFIG'),
    )
    .option('--key-file <file>', 'a file with the key of encrypted backups (or set S3DB_BACKUP_KEY)')
    .addOption(
      new Option('--key-command <command>', 'a command that prints the key of encrypted backups').conflicts(
        'keyFile',
      ),
    )
}

/** For commands that read backups with a key. */
export function withPlain(command: Command): Command {
  return command.option('--allow-plain', 'accept a backup that is not encrypted although you have a key')
}

/** The database. */
export function withConnection(command: Command, what: string): Command {
  return command.addOption(
    new Option('--connection <url>', `${what}: s3://KEY:SECRET@bucket/path, file:///path, ...`).env(
      'S3DB_CONNECTION',
    ),
  )
}

export function withProgress(command: Command): Command {
  return command.addOption(
    new Option('--progress <how>', 'auto: a line on a terminal; json: lines of JSON on stderr; none')
      .choices(['auto', 'json', 'none'])
      .default('auto'),
  )
}

/**
 * Accepts `a,b` and repeated options. A list without a name is refused: `--resources "$UNSET"` would make a complete
 * backup of nothing.
 */
export function names(value: string, before: readonly string[] = []): string[] {
  const given = namesIfAny(value)
  if (given.length === 0)
    throw new InvalidArgumentError('It names nothing. Give a name, or leave the option out.')
  return [...before, ...given]
}

/** The same for lists that leave out or add: without a name they change nothing. */
export function namesIfAny(value: string, before: readonly string[] = []): string[] {
  return [...before, ...value.split(',').map((name) => name.trim())].filter((name) => name !== '')
}

/** `key=value`, repeated. */
export function keyValue(value: string, before: Readonly<Record<string, string>> = {}) {
  const equals = value.indexOf('=')
  if (equals < 1) throw new InvalidArgumentError('Write it as key=value.')
  if (value.startsWith('__proto__=')) throw new InvalidArgumentError('JSON objects lose a key of this name.')
  return { ...before, [value.slice(0, equals)]: value.slice(equals + 1) }
}

/** `byRegion=US,EU`, repeated, by partition. */
export function partition(value: string, before: Readonly<Record<string, string[]>> = {}) {
  const equals = value.indexOf('=')
  const name = value.slice(0, Math.max(0, equals))
  const values = equals < 0 ? [] : namesIfAny(value.slice(equals + 1))
  if (name === '' || values.length === 0) throw new InvalidArgumentError('Write it as partition=value.')
  return { ...before, [name]: [...(Object.hasOwn(before, name) ? (before[name] ?? []) : []), ...values] }
}

/** `90s`, `26h`, `7d`, in ms. */
export function length(text: string): number {
  const parsed = parseLength(text)
  if (parsed === undefined) throw new InvalidArgumentError('Give a length such as 90s, 45min, 26h or 7d.')
  return parsed
}

/** A whole number from 0. */
export function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('Give a whole number.')
  return Number(text)
}

/** A whole number from 1. */
export function positiveNumber(text: string): number {
  const number = wholeNumber(text)
  if (number === 0) throw new InvalidArgumentError('Give a whole number, 1 or more.')
  return number
}

const units: Readonly<Record<string, number>> = {
  s: 1000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
}

/** A length such as `90s`, `45min`, `26h`, `7d` or `2w`, in ms; `undefined` if it is invalid. */
export function parseLength(text: string): number | undefined {
  const [, number, unit = ''] = /^(\d+)(s|min|h|d|w)$/.exec(text) ?? []
  const factor = units[unit]
  return number === undefined || factor === undefined ? undefined : Number(number) * factor
}
