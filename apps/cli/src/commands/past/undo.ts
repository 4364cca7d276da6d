import { BackupError } from '@s3db-backup/core'
import type { UndoPlan, UndoReport } from '@s3db-backup/s3db'
import type { Command } from 'commander'
import { openDatabase } from '../../access/database.js'
import { hearWarnings, openPlugin } from '../../access/open-plugin.js'
import { checkConnection } from '../../config/connection.js'
import { names, namesIfAny, type PlaceOptions, withConnection, withPlace } from '../../config/options.js'
import { readSettings } from '../../config/settings.js'
import { exitCodes } from '../../exit-codes.js'
import type { Session } from '../../session.js'
import { agreed } from '../../terminal/ask.js'
import { watchTime } from '../../terminal/progress.js'
import { counted } from '../../terminal/units.js'
import {
  planDocument,
  printCreated,
  printLimits,
  printPlan,
  printReport,
  reportDocument,
} from './print-plan.js'

export interface UndoOptions extends PlaceOptions {
  readonly connection?: string
  readonly since?: string
  readonly resources?: string[]
  readonly exclude?: string[]
  readonly ids?: string[]
  readonly created?: boolean
  readonly dryRun?: boolean
  readonly yes?: boolean
}

const examples = `
Needs a bucket with versioning, not a backup. Shows the differences and asks.
Each restored record becomes a new version, so you can undo an undo. A record
that someone else writes in the meantime keeps their version.

Examples:
  s3db-backup undo --since "10 minutes ago" --dry-run
  s3db-backup undo --since 2024-03-15T14:30:00Z --resources users
  s3db-backup undo --since 2024-03-15T14:30:00Z --created --yes`

export function undoCommand(command: Command, session: Session): void {
  withPlace(withConnection(command, 'the database'))
    .requiredOption('--since <time>', 'a time with its zone, or "10 minutes ago"')
    .option('--resources <names>', 'only these resources (globs allowed)', names)
    .option('--exclude <names>', 'not these resources (globs allowed)', namesIfAny)
    .option('--ids <ids>', 'only these records', names)
    .option('--created', 'also remove records created since')
    .option('--dry-run', 'show the differences and write nothing')
    .option('-y, --yes', 'do not ask; needed without a terminal')
    .addHelpText('after', examples)
    .action((options: UndoOptions) => undo(session, options))
}

/** `s3db-backup undo --since <time>`: brings back what was changed or deleted since, by the versions of the bucket. */
export async function undo(session: Session, options: UndoOptions): Promise<void> {
  const { terminal, signal } = session
  const { since = '', resources, exclude, ids, created = false } = options
  const settings = await readSettings(options, terminal)
  const connection = checkConnection(settings.connection)
  terminal.redactor.hideConnection(connection)
  const opened = await openDatabase(connection, session, { mustExist: true })
  try {
    const plugin = openPlugin(settings, opened.database)
    hearWarnings(plugin, terminal)
    const looking = watchTime(terminal, { doing: 'Comparing', mode: 'auto' })
    const plan = await plugin.past
      .plan(since, { resources, exclude, ids, signal })
      .finally(() => looking.stop())
    const wanted = plan.steps.filter(({ resource, change }) =>
      change === 'created' ? created : change !== 'unknown' && !Object.hasOwn(plan.refused, resource),
    )
    if (!terminal.json && !terminal.quiet) {
      printPlan(terminal, plan)
      if (!created) printCreated(terminal, plan)
      printLimits(terminal, plan)
    }
    // A record whose earlier state is unknown is not brought back, whatever happens to the rest.
    if (options.dryRun !== true && plan.steps.some(({ change }) => change === 'unknown'))
      session.exitCode = exitCodes.incomplete
    if (options.dryRun === true || wanted.length === 0) {
      if (terminal.json) terminal.document({ ...planDocument(plan), dryRun: options.dryRun === true })
      if (options.dryRun !== true && !isWholePlan(plan)) session.exitCode = exitCodes.incomplete
      return
    }
    const text = `${counted(wanted.length, 'record')} will be written. Continue?`
    if (options.yes !== true && !(await agreed(session, { ...question, text })))
      return terminal.note('Nothing was changed.')
    const writing = watchTime(terminal, { doing: 'Bringing back', mode: 'auto' })
    const reports = await plugin.past.undo(plan, { created, signal }).finally(() => writing.stop())
    if (terminal.json)
      terminal.document({ ...planDocument(plan), dryRun: false, resources: reportDocument(reports) })
    else if (!terminal.quiet) printReport(terminal, reports)
    if (!isWhole(reports) || !isWholePlan(plan)) session.exitCode = exitCodes.incomplete
  } finally {
    await opened.close()
  }
}

const question = {
  undone: 'nothing was changed',
  suggestion: 'Add --yes. --dry-run shows what differs.',
  operation: 'restore',
} as const

/** Whether nothing is missing from the plan, and every resource takes its records. Its unknown records are another matter. */
function isWholePlan({ notFound, doubts, refused }: UndoPlan): boolean {
  return notFound.length + doubts.length + Object.keys(refused).length === 0
}

function isWhole(reports: ReadonlyMap<string, UndoReport>): boolean {
  return [...reports.values()].every(
    ({ changedMeanwhile, failed, refused }) =>
      changedMeanwhile.length === 0 && failed.length === 0 && refused === undefined,
  )
}

/** Throws for options that would be silently ignored. */
export function onlyWith(option: string, other: string): BackupError {
  return new BackupError('invalid_options', `${option} is only for ${other}`, { operation: 'restore' })
}
