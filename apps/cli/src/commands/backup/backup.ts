import { BackupError } from '@s3db-backup/core'
import { nearest } from '@s3db-backup/core/internal'
import type { BackupPlugin } from '@s3db-backup/plugin'
import { type Command, Option } from 'commander'
import { checkCanBeDirectory } from '../../access/backup-directory.js'
import {
  keyValue,
  names,
  namesIfAny,
  partition,
  wholeNumber,
  withConnection,
  withPlace,
  withProgress,
} from '../../config/options.js'
import { readSettings, type Settings } from '../../config/settings.js'
import { notifying } from '../../notify/notifying.js'
import { openNotifier } from '../../notify/open-notifier.js'
import type { Session } from '../../session.js'
import { printBackup } from '../../terminal/backups.js'
import { shellWord } from '../../terminal/shell-words.js'
import { printDryRun } from '../../terminal/summaries/dry-run-summary.js'
import { list } from '../list.js'
import { status } from '../show.js'
import type { BackupOptions } from './backup-options.js'
import { withDatabase } from './with-database.js'

const examples = `
Examples:
  s3db-backup backup --connection s3://KEY:SECRET@bucket/databases/app
  s3db-backup backup incremental
  s3db-backup backup incremental --dry-run --prices
  s3db-backup backup selective --resources users --partition byRegion=US,EU
  s3db-backup backup weekly-snapshot --metadata reason=release
  s3db-backup backup --at "10 minutes ago"
  s3db-backup backup --list
  s3db-backup backup --status full-2024-03-15T14-30-45-abc123`

export function backupCommand(command: Command, session: Session): void {
  command.argument('[type]', 'full, incremental, selective, or a name of your own (default: full)')
  withPlace(withConnection(command, 'the database'))
    .option('--resources <names>', 'only these resources, or plugin=<name> (globs allowed)', names)
    .option('--exclude <names>', 'not these resources, or plugin=<name> (globs allowed)', namesIfAny)
    .option('--partition <name=values>', 'only records in these values; may be repeated', partition)
    .option('--type <name>', 'a name of your own, even one close to a built-in type')
    .option('--since <date|id>', 'incremental: build on this backup, or on the newest by this time')
    .option('--full-if-needed', 'incremental: make a full one if there is nothing to build on')
    .addOption(
      new Option('--no-full', 'incremental: fail if there is nothing to build on').conflicts('fullIfNeeded'),
    )
    .option('--max-chain <n>', 'incremental: the longest chain, including the full one', wholeNumber)
    .option('--at <time>', 'the database as of this time, from the versions in its bucket')
    .addOption(
      new Option('--snapshot <how>', 'all records as of one moment; needs a bucket with versions')
        .choices(['auto', 'versions', 'none'])
        .conflicts('at'),
    )
    .option('--compression <name>', 'gzip, zstd, brotli, deflate or none (default: gzip)')
    .option('--metadata <key=value>', 'a note to keep with the backup; may be repeated', keyValue)
    .option('--no-verify', 'do not read the backup back after writing it')
    .option('--dry-run', 'read everything, write nothing, and show what the backup would contain')
    .option('--prices', 'with --dry-run: estimate the cost of the S3 requests')
    .option('--list', 'list the backups instead')
    .option('--status <id>', 'show one backup instead')
  withProgress(command)
    .addHelpText('after', examples)
    .action((type: string | undefined, options: BackupOptions & { list?: boolean; status?: string }) => {
      if (options.list === true) return list(session, options)
      if (options.status !== undefined) return status(session, options.status, options)
      return backup(session, typeOf(type, options.type), options)
    })
}

/** `s3db-backup backup`: makes a backup and says what it holds. */
export async function backup(session: Session, type: string, options: BackupOptions): Promise<void> {
  const { terminal } = session
  checkType(type, options)
  const settings = await readSettings(options, terminal)
  if (options.dryRun === true) {
    await checkCanBeDirectory(settings)
    await withDatabase(session, settings, options, async (plugin, call, progress) => {
      const dryRun = await plugin.backup(type, { ...call, dryRun: true })
      progress.stop()
      printDryRun(terminal, dryRun, pricingOf(options, settings, plugin))
    })
    return
  }
  const verified = options.verify && settings.plugin.verification !== false
  await notifying(session, await openNotifier(settings, terminal), verified, () =>
    withDatabase(session, settings, options, async (plugin, call, progress) => {
      const made = await plugin.backup(type, call)
      progress.stop()
      printBackup(terminal, made)
      return made
    }),
  )
}

const types = ['full', 'incremental', 'selective']

/** A crontab that says `incremntal` must not make a full backup a night under that name. */
function typeOf(typed: string | undefined, named: string | undefined): string {
  if (typed !== undefined && named !== undefined)
    throw wrongType('Give the type or --type, not both', "See 's3db-backup backup --help'.")
  if (typed === undefined) return named ?? 'full'
  const hint = types.includes(typed) ? '' : nearest(typed, types)
  if (hint === '') return typed
  throw wrongType(
    `Unknown backup type '${typed}'${hint}`,
    `For a full backup under that name: 's3db-backup backup --type ${shellWord(typed)}'.`,
  )
}

function wrongType(message: string, suggestion: string): BackupError {
  return new BackupError('invalid_options', message, { operation: 'backup', suggestion })
}

/** Refuses options that would be silently ignored. */
function checkType(
  type: string,
  { since, fullIfNeeded, full, maxChain, dryRun, prices }: BackupOptions,
): void {
  const given = Object.entries({
    since,
    'full-if-needed': fullIfNeeded,
    'no-full': full ? undefined : true,
    'max-chain': maxChain,
  })
    .filter(([, value]) => value !== undefined)
    .map(([name]) => `--${name}`)
  if (type !== 'incremental' && given.length > 0) throw misplaced(given.join(', '), 'an incremental backup')
  if (prices === true && dryRun !== true) throw misplaced('--prices', 'a dry run: add --dry-run')
}

function misplaced(option: string, place: string): BackupError {
  return new BackupError('invalid_options', `${option} is only for ${place}`, { operation: 'backup' })
}

function pricingOf({ prices }: BackupOptions, settings: Settings, plugin: BackupPlugin) {
  if (prices !== true) return undefined
  return { prices: settings.prices, paidDestination: plugin.driver.getType() !== 'filesystem' }
}
