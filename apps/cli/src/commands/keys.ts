import { writeFile } from 'node:fs/promises'
import { BackupError } from '@s3db-backup/core'
import { keygen as newKey } from '@s3db-backup/encryption'
import { type Command, Option } from 'commander'
import { openPlugin } from '../access/open-plugin.js'
import { hideKey, readKey } from '../config/key.js'
import { type PlaceOptions, withPlace } from '../config/options.js'
import { readSettings } from '../config/settings.js'
import type { Session } from '../session.js'
import { counted } from '../terminal/units.js'

interface KeygenOptions {
  readonly out?: string | undefined
}

interface RotateKeyOptions extends PlaceOptions {
  readonly newKeyFile?: string | undefined
  readonly newKeyCommand?: string | undefined
  readonly removeOld?: boolean | undefined
}

const keygenExamples = `
Examples:
  s3db-backup keygen --out backup.key
  export S3DB_BACKUP_KEY="$(s3db-backup keygen)"

Keep a copy where the backups are not: what a key encrypts is lost without it.`

export function keygenCommand(command: Command, session: Session): void {
  command
    .option('--out <file>', 'into a new file that only you can read, instead of printing it')
    .addHelpText('after', keygenExamples)
    .action((options: KeygenOptions) => keygen(session, options))
}

const rotateKeyExamples = `
The key that opens the backup now comes from S3DB_BACKUP_KEY, --key-file or
--key-command, the new one from S3DB_BACKUP_NEW_KEY or as below. Only a small
file is written; the data stays as it is.

Examples:
  s3db-backup keygen --out new.key
  s3db-backup rotate-key full-2024-03-15T14-30-45-abc123 --new-key-file new.key`

export function rotateKeyCommand(command: Command, session: Session): void {
  command.argument('<id>', 'the backup')
  withPlace(command)
    .option('--new-key-file <file>', 'a file with the new key (or set S3DB_BACKUP_NEW_KEY)')
    .addOption(
      new Option('--new-key-command <command>', 'a command that prints the new key').conflicts('newKeyFile'),
    )
    .option('--remove-old', 'also remove the files that the old keys open')
    .addHelpText('after', rotateKeyExamples)
    .action((id: string, options: RotateKeyOptions) => rotateKey(session, id, options))
}

/** `s3db-backup keygen`: a new random key, printed or written to a file that only its owner can read. */
export async function keygen({ terminal }: Session, { out }: KeygenOptions): Promise<void> {
  const key = newKey()
  if (out === undefined) {
    if (terminal.json) terminal.document({ key })
    else terminal.print(key)
    return
  }
  await write(out, key)
  if (terminal.json) terminal.document({ file: out })
  else
    terminal.note(
      `${terminal.errorColors.green('✓')} The key is in ${out}. Keep a copy where the backups are not: what it encrypts is lost without it.`,
    )
}

/** Never over another key. */
async function write(file: string, key: string): Promise<void> {
  try {
    await writeFile(file, `${key}\n`, { mode: 0o600, flag: 'wx' })
  } catch (cause) {
    const code: unknown = cause instanceof Error ? Reflect.get(cause, 'code') : undefined
    const taken = code === 'EEXIST'
    throw new BackupError(
      taken ? 'conflict' : code === 'EACCES' || code === 'EPERM' ? 'permission_denied' : 'unavailable',
      taken ? `There is a file ${file} already` : `The key could not be written to ${file} (${String(code)})`,
      { ...(taken ? { suggestion: 'Choose another name: a key is never replaced.' } : {}), cause },
    )
  }
}

/** `s3db-backup rotate-key <id>`: from now on another key opens the backup. Needs no database. */
export async function rotateKey(
  { terminal, signal }: Session,
  id: string,
  options: RotateKeyOptions,
): Promise<void> {
  const { plugin } = await readSettings(options, terminal)
  const key = await readKey({
    file: options.newKeyFile,
    command: options.newKeyCommand,
    environment: process.env.S3DB_BACKUP_NEW_KEY,
  })
  if (key === undefined) throw noNewKey()
  hideKey(terminal.redactor, key)
  const report = await openPlugin({ plugin }).rotateKey(
    id,
    { algorithm: 'AES-256-GCM', ...plugin.encryption, key },
    { removeOld: options.removeOld === true, signal },
  )
  if (terminal.json) terminal.document(report)
  else if (!terminal.quiet) {
    const old =
      options.removeOld === true
        ? `${counted(report.removed.length, 'old key file')} removed`
        : 'the old key still opens it until --remove-old'
    terminal.print(`${terminal.colors.green('✓')} ${id} has a new key in ${report.file}; ${old}`)
  }
}

function noNewKey(): BackupError {
  return new BackupError('invalid_options', 'There is no new key', {
    suggestion: 'Make one with s3db-backup keygen --out new.key and give --new-key-file new.key.',
  })
}
