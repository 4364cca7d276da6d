import { BackupError } from '@s3db-backup/core'
import { type Command, Option } from 'commander'
import {
  databaseExists,
  type OpenDatabase,
  openDatabase,
  openLater,
  openNowhere,
} from '../../access/database.js'
import { findBackup } from '../../access/find-backup.js'
import { idsFrom } from '../../access/ids-from.js'
import { loadTransform } from '../../access/load-transform.js'
import { openPlugin } from '../../access/open-plugin.js'
import { resolveId } from '../../access/resolve-id.js'
import { type ThawOptions, thawFirst, withThaw } from '../../access/thaw.js'
import { checkConnection } from '../../config/connection.js'
import {
  keyValue,
  names,
  namesIfAny,
  type PartitionOptions,
  type PlaceOptions,
  type ProgressMode,
  partition,
  positiveNumber,
  withConnection,
  withPlace,
  withPlain,
  withProgress,
} from '../../config/options.js'
import { readSettings } from '../../config/settings.js'
import type { Session } from '../../session.js'
import { checkSomebodyIsThere } from '../../terminal/ask.js'
import { printRestore } from '../../terminal/summaries/restore-summary.js'
import { restoreInShards } from '../shard/restore-in-shards.js'
import { agreedToRemove, type RestoreCall, removal } from './confirm-removal.js'
import { watchRestore } from './watch-restore.js'

interface RestoreOptions extends PlaceOptions, ThawOptions {
  readonly allowPlain?: boolean | undefined
  readonly connection?: string | undefined
  readonly target?: string | undefined
  readonly overwrite?: boolean | undefined
  readonly mode?: 'skip' | 'merge' | 'replace' | undefined
  readonly resources?: string[] | undefined
  readonly exclude?: string[] | undefined
  readonly ids?: string[] | undefined
  readonly idsFrom?: string | undefined
  readonly partition?: PartitionOptions | undefined
  readonly rename?: Readonly<Record<string, string>> | undefined
  readonly transform?: string | undefined
  readonly intoSource?: boolean | undefined
  readonly yes?: boolean | undefined
  readonly dryRun?: boolean | undefined
  readonly shards?: number | undefined
  readonly allowIncomplete?: boolean | undefined
  readonly verify: boolean
  readonly progress: ProgressMode
}

const examples = `
Existing records are kept unless --overwrite or --mode says otherwise:
  skip     keep them (default)
  merge    replace them with those of the backup (the same as --overwrite)
  replace  also remove records that are not in the backup; asks first

--transform takes a module whose default export is called with each record and
the name of its resource, and gives the record to write, or null to leave it
out. Data of plugins and history is restored only if --resources names it.

Examples:
  s3db-backup restore full-2024-03-15T14-30-45-abc123 --overwrite
  s3db-backup restore full-2024-03-15T14-30-45-abc123 --mode replace --dry-run
  s3db-backup restore full-2024-03-15T14-30-45-abc123 --target file:///tmp/look
  s3db-backup restore full-2024-03-15T14-30-45-abc123 --ids ann,bob
  s3db-backup restore full-2024-03-15T14-30-45-abc123 --rename users=users_old
  s3db-backup restore latest --target file://./test --transform ./mask.mjs`

export function restoreCommand(command: Command, session: Session): void {
  command.argument('<id>', 'the backup')
  withPlace(withConnection(command, 'the database to restore into'))
    .option('--target <url>', 'another database to restore into, instead of --connection')
    .option('--overwrite', 'replace existing records')
    .addOption(
      new Option('--mode <mode>', 'what to do with existing records')
        .choices(['skip', 'merge', 'replace'])
        .conflicts('overwrite'),
    )
    .option('--resources <names>', 'only these resources, or plugin=<name> (globs allowed)', names)
    .option('--exclude <names>', 'not these resources, or plugin=<name> (globs allowed)', namesIfAny)
    .option('--ids <ids>', 'only these records', names)
    .addOption(
      new Option(
        '--ids-from <file>',
        'only the records whose ids are in this file, or on stdin (-)',
      ).conflicts('ids'),
    )
    .option('--partition <name=values>', 'only records in these values; may be repeated', partition)
    .option('--rename <old=new>', 'a resource under another name; may be repeated', keyValue)
    .option('--transform <module>', 'map or mask each record by this module; see below')
    .option('--into-source', 'allow --transform into the database that the backup was made of')
    .option('-y, --yes', 'with --mode replace: do not ask; needed without a terminal')
    .addOption(
      new Option('--shards <n>', 'use n processes at once, on this machine')
        .argParser(positiveNumber)
        .conflicts(['ids', 'idsFrom', 'partition', 'dryRun', 'rename', 'allowIncomplete', 'transform']),
    )
    .option('--dry-run', 'count the changes and write nothing')
    .option('--allow-incomplete', 'restore the backup even if it lacks records')
    .option('--no-verify', 'do not check the whole backup before writing')
  withThaw(command)
  withProgress(withPlain(command))
    .addHelpText('after', examples)
    .action((id: string, options: RestoreOptions) => restore(session, id, options))
}

/** `s3db-backup restore <id>`: brings a backup back and says what was done to each resource. */
export async function restore(session: Session, given: string, asked: RestoreOptions): Promise<void> {
  const { terminal } = session
  const options =
    asked.idsFrom === undefined ? asked : { ...asked, ids: await idsFrom(asked.idsFrom, terminal.input) }
  if (options.shards !== undefined)
    return restoreInShards(session, given, { ...options, shards: options.shards })
  const transform = options.transform === undefined ? undefined : await loadTransform(options.transform)
  if (transform !== undefined) checkElsewhere(options)
  const settings = await readSettings(options, terminal)
  const connection = checkConnection(options.target ?? settings.connection, '--target')
  terminal.redactor.hideConnection(connection)
  const unconnected = openPlugin(settings)
  const id = await resolveId(unconnected, given, 'restore')
  // Before the target is opened, which would create it: a missing backup leaves nothing behind.
  const backup = await findBackup(unconnected, id, 'restore')
  const asks = options.mode === 'replace' && options.yes !== true && options.dryRun !== true
  const isNew = !(await databaseExists(connection, session))
  await thawFirst(session, unconnected, id, options)
  if (asks && !isNew) checkSomebodyIsThere(session, removal)

  const opened = await openTarget(session, connection, { isNew, dryRun: options.dryRun === true })
  try {
    const plugin = openPlugin(settings, isNew ? undefined : opened.database)
    const call = { ...callOf(options, session.signal), transform }
    if (options.overwrite === true) terminal.note('⚠️  Overwrite mode enabled')
    if (asks && !isNew && !(await agreedToRemove(session, plugin, id, { call, progress: options.progress })))
      return terminal.note('Nothing was restored.')
    const keeps = options.mode === undefined ? options.overwrite !== true : options.mode === 'skip'
    const shown = { mode: options.progress, passesOver: keeps && !isNew, given, id }
    const restored = await watchRestore(session, plugin, shown, () =>
      plugin.restore(id, {
        ...call,
        ...(isNew ? { target: opened.database } : {}),
        ...(isNew || !options.verify ? { verification: options.verify } : {}),
      }),
    )
    printRestore(terminal, backup, restored)
  } finally {
    await opened.close()
  }
}

/** `--connection` and its variable name the database that is backed up; records that are masked go elsewhere. */
function checkElsewhere({ target, intoSource }: RestoreOptions): void {
  if (target !== undefined || intoSource === true) return
  throw new BackupError('invalid_options', '--transform changes records, and no --target was given', {
    operation: 'restore',
    suggestion: 'Name another database with --target, or add --into-source.',
  })
}

/**
 * A database that is not there yet is connected by the restore, once everything that it will read was checked:
 * connecting makes it, and a damaged backup must not even leave an empty one behind.
 */
function openTarget(
  session: Session,
  connection: string,
  { isNew, dryRun }: { readonly isNew: boolean; readonly dryRun: boolean },
): Promise<OpenDatabase> {
  if (!isNew) return openDatabase(connection, session, { mustExist: true })
  return dryRun ? openNowhere(session) : openLater(connection)
}

function callOf(options: RestoreOptions, signal: AbortSignal): RestoreCall {
  const { overwrite, mode, resources, exclude, ids, partition, rename, dryRun, allowIncomplete } = options
  const { intoSource } = options
  return {
    signal,
    allowPlain: options.allowPlain === true,
    overwrite,
    mode,
    resources,
    exclude,
    ids,
    partitions: partition,
    rename,
    intoSource,
    dryRun,
    allowIncomplete,
  }
}
