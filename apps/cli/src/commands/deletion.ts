import { BackupError, isBackupError } from '@s3db-backup/core'
import type { Command } from 'commander'
import { checkDirectory } from '../access/backup-directory.js'
import { openPlugin } from '../access/open-plugin.js'
import { resolveDeleted, resolveId } from '../access/resolve-id.js'
import { length, type PlaceOptions, withPlace } from '../config/options.js'
import { readSettings } from '../config/settings.js'
import type { Session } from '../session.js'
import { agreed } from '../terminal/ask.js'
import { bytes, counted, instant } from '../terminal/units.js'
import { printSentence } from '../terminal/wrapped.js'

interface DeleteOptions extends PlaceOptions {
  /** In ms. */
  readonly grace?: number | undefined
  readonly force?: boolean | undefined
  readonly yes?: boolean | undefined
}

interface PurgeOptions extends PlaceOptions {
  readonly dryRun?: boolean | undefined
}

const deleteExamples = `
Examples:
  s3db-backup delete full-2024-03-15T14-30-45-abc123
  s3db-backup delete full-2024-03-15T14-30-45-abc123 --yes
  s3db-backup delete full-2024-03-15T14-30-45-abc123 --grace 7d`

export function deleteCommand(command: Command, session: Session): void {
  withPlace(command.argument('<id>', 'the backup'))
    .option('-y, --yes', 'do not ask; needed without a terminal')
    .option(
      '--grace <length>',
      'how long undelete can bring it back: 12h, 7d, 2w (default: deletionGrace, or 0)',
      length,
    )
    .option('--force', 'even if it is in use or other backups need it; those are lost too')
    .addHelpText('after', deleteExamples)
    .action((id: string, options: DeleteOptions) => deleteBackup(session, id, options))
}

const undeleteExamples = `
Examples:
  s3db-backup list --deleted
  s3db-backup undelete full-2024-03-15T14-30-45-abc123`

export function undeleteCommand(command: Command, session: Session): void {
  withPlace(command.argument('<id>', 'the backup'))
    .addHelpText('after', undeleteExamples)
    .action((id: string, options: PlaceOptions) => undelete(session, id, options))
}

const purgeExamples = `
prune --apply and the cleanup after each backup do this, too. To free the space
of one backup at once, delete it again with --grace 0s.

Examples:
  s3db-backup purge --dry-run
  s3db-backup purge`

export function purgeCommand(command: Command, session: Session): void {
  withPlace(command)
    .option('--dry-run', 'only show what would be removed')
    .addHelpText('after', purgeExamples)
    .action((options: PurgeOptions) => purge(session, options))
}

/** `s3db-backup delete <id>`: asks, then removes a backup. Needs no database. */
export async function deleteBackup(session: Session, given: string, options: DeleteOptions): Promise<void> {
  const { terminal, signal } = session
  const settings = await readSettings(options, terminal)
  const plugin = openPlugin(settings)
  const id = await resolveId(plugin, given, 'delete')
  const forGood = (options.grace ?? settings.plugin.deletionGrace ?? 0) === 0
  if (options.yes !== true) {
    // A missing backup is reported before the question. The deletion itself judges a damaged one.
    if ((await plugin.getBackupStatus(id)) === null) throw notFound(id)
    const yes = await agreed(session, {
      text: forGood ? `Permanently delete ${id}?` : `Delete ${id}?`,
      undone: 'nothing was deleted',
      suggestion: 'Add --yes.',
      operation: 'delete',
    })
    if (!yes) return terminal.note('Nothing was deleted.')
  }
  const removed = await plugin.deleteBackup(id, {
    force: options.force === true,
    deletionGrace: options.grace,
    signal,
  })
  if (terminal.json) terminal.document(removed)
  else if (!terminal.quiet) {
    const { files, bytes: size, purgeAfter } = removed
    const until = purgeAfter === null ? '' : `; undelete brings it back until ${instant(purgeAfter)}`
    terminal.print(
      `${terminal.colors.green('✓')} ${id} deleted (${counted(files, 'file')}, ${bytes(size)})${until}`,
    )
  }
}

function notFound(id: string): BackupError {
  return new BackupError('not_found', `Backup '${id}' not found`, {
    operation: 'delete',
    metadata: { backupId: id },
  })
}

/** `s3db-backup undelete <id>`: brings a deleted backup back. Needs no database. */
export async function undelete(
  { terminal, signal }: Session,
  given: string,
  options: PlaceOptions,
): Promise<void> {
  const plugin = openPlugin(await readSettings(options, terminal))
  const id = await resolveDeleted(plugin, given)
  const report = await plugin.deleted.restore(id, { signal }).catch(namingTheList)
  if (terminal.json) terminal.document(report)
  else if (terminal.quiet) for (const each of report.undeleted) terminal.print(each)
  else if (report.undeleted.length === 0) terminal.print(`${id} is not deleted.`)
  else for (const each of report.undeleted) terminal.print(`${terminal.colors.green('✓')} ${each} is back`)
}

function namingTheList(error: unknown): never {
  if (!isBackupError(error, 'not_found')) throw error
  throw error.with({
    suggestion: "Check the id; 's3db-backup list --deleted' shows what undelete brings back.",
  })
}

/** `s3db-backup purge`: frees what deleted backups take whose grace time has passed. Needs no database. */
export async function purge({ terminal, signal }: Session, options: PurgeOptions): Promise<void> {
  const settings = await readSettings(options, terminal)
  const plugin = openPlugin(settings)
  await checkDirectory(settings)
  const report = await plugin.deleted.purge({ dryRun: options.dryRun === true, signal })
  if (terminal.json) {
    terminal.document(report)
    return
  }
  if (terminal.quiet) {
    for (const { id } of report.purged) terminal.print(id)
    return
  }
  for (const { id, reasons } of report.kept) terminal.print(`${id} stays: ${reasons.join(', ')}`)
  const what = `${counted(report.purged.length, 'deleted backup')} (${bytes(report.bytes)})`
  if (report.purged.length === 0) terminal.print('Nothing to remove.')
  else if (report.dryRun) printSentence(terminal, `Dry run: nothing was removed. It would remove ${what}.`)
  else terminal.print(`${terminal.colors.green('✓')} Permanently removed: ${what}`)
}
