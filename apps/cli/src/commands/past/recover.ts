import type { Recovered } from '@s3db-backup/plugin-adapter'
import { type Command, Option } from 'commander'
import { openDatabase } from '../../access/database.js'
import { openPlugin } from '../../access/open-plugin.js'
import { checkConnection } from '../../config/connection.js'
import { names, namesIfAny, type PlaceOptions, withConnection, withPlace } from '../../config/options.js'
import { readSettings } from '../../config/settings.js'
import { exitCodes } from '../../exit-codes.js'
import type { Session } from '../../session.js'
import { internalName } from '../../terminal/internal-name.js'
import { table } from '../../terminal/layout.js'
import { watchTime } from '../../terminal/progress.js'
import { noteNear } from '../../terminal/summaries/near.js'
import { printShortfalls } from '../../terminal/summaries/shortfall.js'
import type { Terminal } from '../../terminal/terminal.js'
import { count } from '../../terminal/units.js'
import { inOneLine } from '../../terminal/visible.js'
import { printSentence } from '../../terminal/wrapped.js'
import { noSuchRecord } from './print-plan.js'
import { onlyWith, undo } from './undo.js'

interface RecoverOptions extends PlaceOptions {
  readonly connection?: string
  readonly at: string
  readonly target?: string
  readonly mode?: 'skip' | 'merge'
  readonly resources?: string[]
  readonly exclude?: string[]
  readonly ids?: string[]
  readonly dryRun?: boolean
  readonly yes?: boolean
}

const examples = `
Needs a bucket with versioning, not a backup. Without --target it restores the
records in place: it shows the differences and asks first. Records created since
then stay; undo --created removes them.

Examples:
  s3db-backup recover --at "10 minutes ago" --dry-run
  s3db-backup recover --at 2024-03-15T14:30:00Z --resources users --ids ann,bob
  s3db-backup recover --at 2024-03-15T14:30:00Z --target file:///tmp/look`

export function recoverCommand(command: Command, session: Session): void {
  withPlace(withConnection(command, 'the database'))
    .requiredOption('--at <time>', 'a time with its zone, or "10 minutes ago"')
    .option('--target <url>', 'write into another database, instead of --connection')
    .addOption(
      new Option('--mode <mode>', 'with --target: what to do with existing records').choices([
        'skip',
        'merge',
      ]),
    )
    .option('--resources <names>', 'only these resources (globs allowed)', names)
    .option('--exclude <names>', 'not these resources (globs allowed)', namesIfAny)
    .option('--ids <ids>', 'only these records', names)
    .option('--dry-run', 'show the changes and write nothing')
    .option('-y, --yes', 'do not ask; needed without a terminal')
    .addHelpText('after', examples)
    .action((options: RecoverOptions) => recover(session, options))
}

/** `s3db-backup recover --at <time>`: the past database, from the versions of its bucket. */
async function recover(session: Session, options: RecoverOptions): Promise<void> {
  const { at, target, mode, resources, exclude, ids, dryRun } = options
  if (target === undefined && mode !== undefined) throw onlyWith('--mode', 'a recovery with --target')
  if (target === undefined) return undo(session, { ...options, since: at })
  const { terminal, signal } = session
  const settings = await readSettings(options, terminal)
  const connection = checkConnection(settings.connection)
  for (const address of [connection, target]) terminal.redactor.hideConnection(address)
  const opened = await openDatabase(connection, session, { mustExist: true })
  try {
    const plugin = openPlugin(settings, opened.database)
    const progress = watchTime(terminal, { doing: 'Recovering', mode: 'auto' })
    const call = { target, mode, resources, exclude, ids, dryRun, signal }
    const recovered = await plugin.past.recover(at, call).finally(() => progress.stop())
    if (terminal.json) terminal.document(documentOf(recovered))
    else if (!terminal.quiet) print(terminal, recovered)
    if (!isWhole(recovered)) session.exitCode = exitCodes.incomplete
  } finally {
    await opened.close()
  }
}

/** Whether every record of that time was written, or stayed because another one was there. */
export function isWhole({ resources, notFound }: Pick<Recovered, 'resources' | 'notFound'>): boolean {
  return (
    notFound.length === 0 &&
    Object.values(resources).every(
      ({ lost, lostWithoutId, failed, refused, shortfalls = [] }) =>
        lost.length + lostWithoutId.length + failed.length === 0 &&
        refused === undefined &&
        shortfalls.every(({ missing }) => missing !== true),
    )
  )
}

function documentOf({ asOf, resources, near, notFound, requests, dryRun }: Recovered) {
  const reports = Object.entries(resources).map(([name, report]) => {
    const { restored, replaced, skipped, failed, lost, lostWithoutId, refused, shortfalls } = report
    return [
      name,
      {
        restored,
        replaced,
        skipped,
        failed,
        lost,
        lostWithoutId,
        ...(refused === undefined ? {} : { refused }),
        ...(shortfalls === undefined ? {} : { shortfalls }),
      },
    ]
  })
  const told = { near, notFound, requests, dryRun }
  return { asOf: asOf.toISOString(), resources: Object.fromEntries(reports), ...told }
}

function print(terminal: Terminal, { asOf, resources, near, notFound, requests, dryRun }: Recovered): void {
  printSentence(
    terminal,
    `${dryRun ? 'Would recover' : 'Recovered'} the database as of ${asOf.toISOString()}:`,
  )
  const entries = Object.entries(resources).filter(
    ([name, { restored, replaced, skipped, lost }]) =>
      !name.startsWith(':') || restored + replaced + skipped + lost.length > 0,
  )
  const rows = entries.map(([name, { restored, replaced, skipped, failed, lost }]) => [
    name.startsWith(':') ? internalName(name) : name,
    ...[restored, replaced, skipped, failed.length + lost.length].map(count),
  ])
  const columns = [
    { title: 'Resource' },
    ...['Written', 'Replaced', 'Kept', 'Lost'].map((title) => ({ title, align: 'right' as const })),
  ]
  terminal.print(table(columns, rows, { width: terminal.width, head: terminal.colors.bold }))
  if (dryRun)
    printSentence(
      terminal,
      `Requests: ${count(requests.list)} LIST, ${count(requests.get)} GET to read the versions`,
    )
  for (const id of notFound) terminal.warn(noSuchRecord(id))
  for (const [name, { lost, failed, lostWithoutId, refused, shortfalls }] of entries) {
    if (refused !== undefined) terminal.warn({ message: `${name}: ${refused.reason}`, suggestion: '' })
    for (const reason of lostWithoutId) terminal.warn({ message: reason, suggestion: '' })
    for (const { id, reason } of [...lost, ...failed])
      terminal.warn({ message: inOneLine(`${name} ${id}: ${reason}`), suggestion: '' })
    printShortfalls(terminal, name, shortfalls)
  }
  noteNear(terminal, near)
}
