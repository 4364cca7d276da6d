import { BackupError, type Difference, isBackupError } from '@s3db-backup/core'
import type { BackupPlugin } from '@s3db-backup/plugin'
import type { Command } from 'commander'
import { openDatabase } from '../../access/database.js'
import { namingDeleted } from '../../access/find-backup.js'
import { openPlugin } from '../../access/open-plugin.js'
import { resolveId } from '../../access/resolve-id.js'
import { checkConnection } from '../../config/connection.js'
import {
  names,
  namesIfAny,
  type PlaceOptions,
  withConnection,
  withPlace,
  withPlain,
} from '../../config/options.js'
import { readSettings } from '../../config/settings.js'
import type { Session } from '../../session.js'
import { changesBetween, type FieldChange, printFields } from '../../terminal/field-changes.js'
import type { Colors, Terminal } from '../../terminal/terminal.js'
import { inOneLine } from '../../terminal/visible.js'
import { type Counts, countIn, printSummary } from './difference-counts.js'

interface DiffOptions extends PlaceOptions {
  readonly allowPlain?: boolean | undefined
  readonly resources?: string[] | undefined
  readonly exclude?: string[] | undefined
  readonly summary?: boolean | undefined
  readonly live?: boolean | undefined
  readonly connection?: string | undefined
}

const examples = `
Prints + for a record that was added, ~ for one that was changed, - for one that
was removed. With --json one JSON document per line. With --live the database is
the later side, and each changed field is shown. Records that could not be read
are no difference; if there are any, diff exits with 12.

Examples:
  s3db-backup diff full-2024-03-15T14-30-45-abc123 OTHER_ID
  s3db-backup diff FROM TO --resources users --summary
  s3db-backup diff latest --live --connection s3://KEY:SECRET@bucket/app
  s3db-backup diff FROM TO --json | jq -r 'select(.change == "removed") | .id'`

export function diffCommand(command: Command, session: Session): void {
  command.argument('<from>', 'the earlier backup').argument('[to]', 'the later backup')
  withPlain(withPlace(withConnection(command, 'with --live: the database')))
    .option('--live', 'compare with the current database instead of a later backup')
    .option('--summary', 'only count them')
    .option('--resources <names>', 'only these resources (globs allowed)', names)
    .option('--exclude <names>', 'not these resources (globs allowed)', namesIfAny)
    .addHelpText('after', examples)
    .action((from: string, to: string | undefined, options: DiffOptions) => {
      if (options.live === true && to === undefined) return diffWithLive(session, from, options)
      if (options.live !== true && to !== undefined) return diff(session, { from, to }, options)
      throw new BackupError('invalid_options', 'Give two backups, or one and --live', {
        operation: 'status',
        suggestion: 's3db-backup diff <from> <to>, or s3db-backup diff <from> --live',
      })
    })
}

/** `s3db-backup diff <from> --live`: what changed in the database since a backup was made of it. */
async function diffWithLive(session: Session, given: string, options: DiffOptions): Promise<void> {
  const { terminal, signal } = session
  const settings = await readSettings(options, terminal)
  const connection = checkConnection(settings.connection)
  terminal.redactor.hideConnection(connection)
  const from = await resolveId(openPlugin(settings), given)
  const { resources, exclude, summary, allowPlain = false } = options
  const counts = new Map<string, Counts>()
  const opened = await openDatabase(connection, session, { mustExist: true })
  let unknown: BackupError | undefined
  try {
    const plugin = openPlugin(settings, opened.database)
    unknown = await untilUnknown(plugin, async () => {
      const backup = summary === true ? undefined : await plugin.open(from, { allowPlain, signal })
      for await (const { now, ...found } of plugin.diffLive(from, {
        resources,
        exclude,
        allowPlain,
        signal,
      })) {
        if (terminal.unread) return
        countIn(counts, found)
        if (backup === undefined) continue
        const before = found.change === 'changed' ? await backup.get(found.resource, found.id) : undefined
        const fields = found.change === 'changed' ? changesBetween(before, now) : undefined
        printDifference(terminal, { ...found, ...(fields === undefined ? {} : { fields }) })
      }
    })
  } finally {
    await opened.close()
  }
  if (terminal.unread) return
  if (summary !== true && counts.size > 0 && !terminal.json && !terminal.quiet) terminal.print()
  if (summary === true || !(terminal.json || terminal.quiet))
    printSummary(terminal, { from, to: 'the database', counts, unknown })
  if (unknown !== undefined) throw unknown
}

/** Reads differences. Returns the error of those of which nothing is known: it comes after all others. */
async function untilUnknown(
  plugin: BackupPlugin,
  read: () => Promise<void>,
): Promise<BackupError | undefined> {
  try {
    await namingDeleted(plugin, read)
    return undefined
  } catch (error) {
    if (isBackupError(error, 'incomplete')) return error
    throw error
  }
}

/** `s3db-backup diff <from> <to>`: one line per record that differs, as they are found. Needs no database. */
export async function diff(
  { terminal, signal }: Session,
  given: { readonly from: string; readonly to: string },
  options: DiffOptions,
): Promise<void> {
  const { resources, exclude, summary } = options
  const plugin = openPlugin(await readSettings(options, terminal))
  const from = await resolveId(plugin, given.from)
  const to = await resolveId(plugin, given.to)
  const counts = new Map<string, Counts>()
  const call = { resources, exclude, allowPlain: options.allowPlain === true, signal }
  const unknown = await untilUnknown(plugin, async () => {
    for await (const difference of plugin.diff(from, to, call)) {
      if (terminal.unread) return
      countIn(counts, difference)
      if (summary !== true) printDifference(terminal, difference)
    }
  })
  if (terminal.unread) return
  if (summary !== true && counts.size > 0 && !terminal.json && !terminal.quiet) terminal.print()
  if (summary === true || !(terminal.json || terminal.quiet))
    printSummary(terminal, { from, to, counts, unknown })
  if (unknown !== undefined) throw unknown
}

function printDifference(
  terminal: Terminal,
  difference: Difference & { readonly fields?: readonly FieldChange[] | undefined },
): void {
  if (terminal.json) {
    terminal.record(difference)
    return
  }
  terminal.print(inOneLine(`${sign(difference, terminal.colors)} ${difference.resource} ${difference.id}`))
  printFields(terminal, difference.fields ?? [])
}

function sign({ change }: Difference, { green, yellow, red }: Colors): string {
  if (change === 'added') return green('+')
  return change === 'changed' ? yellow('~') : red('-')
}
