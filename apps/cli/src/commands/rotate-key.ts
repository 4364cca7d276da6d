import { BackupError, isBackupError } from '@s3db-backup/core'
import type { BackupPlugin } from '@s3db-backup/plugin'
import type { PluginBackup } from '@s3db-backup/plugin-adapter'
import { type Command, Option } from 'commander'
import { openPlugin } from '../access/open-plugin.js'
import { resolveId } from '../access/resolve-id.js'
import { hideKey, readKey } from '../config/key.js'
import { type PlaceOptions, withPlace } from '../config/options.js'
import { readSettings } from '../config/settings.js'
import { exitCodes } from '../exit-codes.js'
import type { Session } from '../session.js'
import { counted } from '../terminal/units.js'
import { warnOfDeleted, warnOfOthers } from './left-with-old-key.js'

interface RotateKeyOptions extends PlaceOptions {
  readonly newKeyFile?: string
  readonly newKeyCommand?: string
  readonly removeOld?: boolean
  readonly chain?: boolean
  readonly all?: boolean
}

const examples = `
The current key comes from S3DB_BACKUP_KEY, --key-file or --key-command, the new
one from S3DB_BACKUP_NEW_KEY or the options below. Only small files are written;
the data does not change. Both keys open the backup until --remove-old.

Examples:
  s3db-backup keygen --out new.key
  s3db-backup rotate-key --all --key-file old.key --new-key-file new.key
  s3db-backup rotate-key --all --new-key-file new.key --remove-old
  s3db-backup rotate-key full-2024-03-15T14-30-45-abc123 --new-key-file new.key`

export function rotateKeyCommand(command: Command, session: Session): void {
  command.argument('[id]', 'the backup; omit it with --all')
  withPlace(command)
    .option('--new-key-file <file>', 'a file with the new key (or set S3DB_BACKUP_NEW_KEY)')
    .addOption(
      new Option('--new-key-command <command>', 'a command that prints the new key').conflicts('newKeyFile'),
    )
    .option('--chain', 'also every other backup of its chain')
    .addOption(new Option('--all', 'every encrypted backup').conflicts('chain'))
    .option('--remove-old', 'remove the old key, so that it opens none of them')
    .addHelpText('after', examples)
    .action((id: string | undefined, options: RotateKeyOptions) => rotateKey(session, id, options))
}

/** A backup that has the new key, and the files that went. */
interface Rotated {
  readonly id: string
  readonly file: string
  readonly removed: readonly string[]
}

/**
 * `s3db-backup rotate-key [id]`: another key opens a backup, its chain, or all of them. Every backup gets the new key
 * before the old one is taken from any, so that at no moment a chain opens with neither. Needs no database.
 */
export async function rotateKey(
  session: Session,
  given: string | undefined,
  options: RotateKeyOptions,
): Promise<void> {
  const { terminal, signal } = session
  if ((given === undefined) !== (options.all === true)) throw wrong('Give a backup id, or --all')
  const { plugin: settings } = await readSettings(options, terminal)
  const key = await readKey({
    file: options.newKeyFile,
    command: options.newKeyCommand,
    environment: process.env.S3DB_BACKUP_NEW_KEY,
  })
  if (key === undefined) throw noNewKey()
  hideKey(terminal.redactor, key)
  const configuration = { algorithm: 'AES-256-GCM' as const, ...settings.encryption, key }
  const before = openPlugin({ plugin: settings })
  const after = openPlugin({ plugin: { ...settings, encryption: configuration } })
  const id = given === undefined ? undefined : await resolveId(before, given)
  const ids = await idsOf(before, id, options, signal)
  const rotated = new Map<string, Rotated>()
  const locked: BackupError[] = []
  for (const one of ids) {
    try {
      rotated.set(one, await addKey({ before, after, configuration, signal }, one))
    } catch (error) {
      // With --all, backups that neither key opens are listed at the end. A single backup given by its id stops here.
      if (options.all !== true || !isBackupError(error, 'undecryptable')) throw error
      locked.push(error)
    }
  }
  if (options.removeOld === true)
    for (const one of rotated.keys())
      rotated.set(one, await after.rotateKey(one, configuration, { removeOld: true, signal }))
  if (locked.length > 0) session.exitCode = exitCodes.undecryptable
  if (options.all === true) await warnOfDeleted(session, before)
  const { encryption: _key, ...keyless } = settings
  await warnOfOthers(session, openPlugin({ plugin: keyless }), ids, options)
  tell(session, [...rotated.values()], locked, options)
}

interface Keys {
  readonly before: BackupPlugin
  readonly after: BackupPlugin
  readonly configuration: Parameters<BackupPlugin['rotateKey']>[1]
  readonly signal: AbortSignal
}

/** If an earlier rotation was stopped, some backups have only the new key. */
async function addKey({ before, after, configuration, signal }: Keys, id: string): Promise<Rotated> {
  try {
    return await before.rotateKey(id, configuration, { keepOld: true, signal })
  } catch (error) {
    if (!isBackupError(error, 'undecryptable')) throw error
    return after.rotateKey(id, configuration, { keepOld: true, signal }).catch((again: unknown) => {
      // If neither key opens it, the error of the old key is the useful one.
      throw isBackupError(again, 'undecryptable') ? error : again
    })
  }
}

async function idsOf(
  plugin: BackupPlugin,
  id: string | undefined,
  { chain, removeOld }: RotateKeyOptions,
  signal: AbortSignal,
): Promise<string[]> {
  const listed = await plugin.listBackups({ signal })
  const backups = listed.flatMap((backup) => (backup.status === 'damaged' ? [] : [backup]))
  if (id === undefined) return backups.filter(({ encrypted }) => encrypted).map((backup) => backup.id)
  const related = relativesOf(id, backups)
  if (chain === true) return related.includes(id) ? related : [id]
  if (removeOld === true && related.length > 1) throw ofAChain(id, related.length)
  return [id]
}

type Related = Pick<PluginBackup, 'id' | 'parent' | 'encrypted'>

/** The backup, what it builds on, and all that builds on the same. */
function relativesOf(id: string, backups: readonly Related[]): string[] {
  const parents = new Map(backups.map((backup) => [backup.id, backup.parent]))
  const rootOf = (from: string): string => {
    const seen = new Set([from])
    let root = from
    for (let next = parents.get(root); next != null && !seen.has(next); next = parents.get(root)) {
      seen.add(next)
      root = next
    }
    return root
  }
  const root = rootOf(id)
  return backups.filter((backup) => backup.encrypted && rootOf(backup.id) === root).map((one) => one.id)
}

function tell(
  { terminal }: Session,
  rotated: readonly Rotated[],
  locked: readonly BackupError[],
  { all, chain, removeOld }: RotateKeyOptions,
): void {
  if (terminal.json) {
    const [only] = rotated
    terminal.document(all !== true && chain !== true ? only : { rotated, failed: locked })
    return
  }
  const old =
    removeOld === true ? 'the old key no longer opens it' : 'the old key still opens it until --remove-old'
  if (!terminal.quiet) {
    for (const { id, file } of rotated)
      terminal.print(`${terminal.colors.green('✓')} ${id} has a new key in ${file}; ${old}`)
    if (all === true)
      terminal.print(`${counted(rotated.length, 'backup')} of ${rotated.length + locked.length}`)
  }
  for (const { message } of locked) terminal.complain(`${terminal.errorColors.red('✗')} ${message}`)
}

function ofAChain(id: string, members: number): BackupError {
  return new BackupError('conflict', `'${id}' is one of ${members} backups that build on one another`, {
    operation: 'backup',
    suggestion:
      'With another key for one of them, neither key would open the chain. Add --chain, or leave out --remove-old.',
    metadata: { backupId: id },
  })
}

function wrong(message: string): BackupError {
  return new BackupError('invalid_options', message, {
    operation: 'backup',
    suggestion: "See 's3db-backup rotate-key --help'.",
  })
}

function noNewKey(): BackupError {
  return new BackupError('invalid_options', 'No new key given', {
    suggestion: 'Make one with s3db-backup keygen --out new.key and give --new-key-file new.key.',
  })
}
