import { BackupError, isBackupError, type RecordVersion, type Row } from '@s3db-backup/core'
import type { BackupPlugin } from '@s3db-backup/plugin'
import type { Command } from 'commander'
import { namingDeleted } from '../../access/find-backup.js'
import { openPlugin } from '../../access/open-plugin.js'
import { resolveId } from '../../access/resolve-id.js'
import { type PlaceOptions, withConnection, withPlace, withPlain } from '../../config/options.js'
import { readSettings } from '../../config/settings.js'
import type { Session } from '../../session.js'
import { changesBetween, type FieldChange, printFields } from '../../terminal/field-changes.js'
import { warnIfIncomplete } from '../../terminal/incomplete.js'
import { table } from '../../terminal/layout.js'
import { shellWord } from '../../terminal/shell-words.js'
import type { Terminal } from '../../terminal/terminal.js'
import { instant } from '../../terminal/units.js'
import { historyOfVersions } from '../past/history-versions.js'

interface HistoryOptions extends PlaceOptions {
  readonly allowPlain?: boolean | undefined
  readonly of?: string | undefined
  readonly diff?: boolean | undefined
  readonly versions?: boolean | undefined
  readonly connection?: string | undefined
}

const examples = `
Reads the key indexes of all backups of a series: those of the same database
and selection as the newest one, or as the one that --of names.

Examples:
  s3db-backup history users u42
  s3db-backup history users u42 --diff
  s3db-backup history users u42 --versions`

export function historyCommand(command: Command, session: Session): void {
  command.argument('<resource>', 'the resource').argument('<record>', 'the id of the record')
  withPlain(withPlace(withConnection(command, 'with --versions: the database')))
    .option('--of <id>', 'the series of this backup (default: latest)')
    .option('--diff', 'show which fields changed')
    .option('--versions', 'show the versions in the bucket of the database instead')
    .addHelpText('after', examples)
    .action((resource: string, id: string, options: HistoryOptions) =>
      options.versions === true
        ? historyOfVersions(session, { resource, id }, options)
        : history(session, { resource, id }, options),
    )
}

type Told = Omit<RecordVersion, 'error' | 'row'> & {
  readonly problem?: string | undefined
  readonly fields?: readonly FieldChange[] | undefined
}

/** `s3db-backup history <resource> <record>`: in which backups a record appeared, changed and went. */
export async function history(
  { terminal, signal }: Session,
  { resource, id }: { readonly resource: string; readonly id: string },
  options: HistoryOptions,
): Promise<void> {
  const plugin = openPlugin(await readSettings(options, terminal))
  const newest = await resolveId(plugin, options.of ?? 'latest')
  const call = { allowPlain: options.allowPlain === true, signal }
  await namingDeleted(plugin, async () => {
    const backup = await plugin.open(newest, call)
    warnIfIncomplete(terminal, backup)
    const told: Told[] = []
    let before: Row | undefined
    for await (const { row, error, ...version } of backup.history(resource, id, { rows: options.diff })) {
      if (version.change === 'unreadable') told.push({ ...version, problem: error?.message ?? '' })
      else if (options.diff !== true) told.push(version)
      else {
        told.push({ ...version, fields: changesBetween(before, row) })
        before = row
      }
    }
    if (terminal.json) terminal.document({ resource, id, versions: told })
    else if (told.length > 0) print(terminal, told)
    if (told.length === 0)
      throw neverThere(newest, resource, id, await otherSeries(plugin, resource, id, call))
  })
}

function print(terminal: Terminal, told: readonly Told[]): void {
  const { colors, width } = terminal
  if (told.every(({ fields }) => fields === undefined)) {
    const rows = told.map((version) => [
      instant(version.exportedAt),
      word(version, terminal),
      version.backupId,
      version.problem ?? '',
    ])
    const columns = [{ title: 'Time' }, { title: 'Change' }, { title: 'Backup' }, { title: '' }]
    terminal.print(table(columns, rows, { width, head: colors.bold }))
    return
  }
  for (const version of told) {
    terminal.print(`${instant(version.exportedAt)}  ${word(version, terminal)}  ${version.backupId}`)
    if (version.problem !== undefined) terminal.print(`  ${version.problem}`)
    printFields(terminal, version.fields ?? [])
  }
}

function word({ change }: Told, { colors }: Terminal): string {
  if (change === 'appeared') return colors.green(change)
  if (change === 'gone' || change === 'unreadable') return colors.red(change)
  return colors.yellow(change)
}

/**
 * The newest backup of another series that has, or had, the record. It is a hint in an error message; if other series
 * cannot be read there is no hint.
 */
async function otherSeries(
  plugin: BackupPlugin,
  resource: string,
  id: string,
  call: { readonly allowPlain: boolean; readonly signal: AbortSignal },
): Promise<string | undefined> {
  try {
    for await (const found of plugin.find(id, call)) if (found.resource === resource) return found.newest
  } catch (error) {
    call.signal.throwIfAborted()
    if (!isBackupError(error)) throw error
  }
  return undefined
}

function neverThere(newest: string, resource: string, id: string, other: string | undefined): BackupError {
  return new BackupError(
    'not_found',
    `No backup of the series of '${newest}' has a record ${JSON.stringify(id)} in ${resource}`,
    {
      operation: 'open',
      suggestion:
        other === undefined
          ? `Check the id; 's3db-backup find ${shellWord(id)}' searches all resources and series.`
          : `Another series has it: 's3db-backup history ${shellWord(resource)} ${shellWord(id)} --of ${other}'.`,
    },
  )
}
