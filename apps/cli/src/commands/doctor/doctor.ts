import type { Finding } from '@s3db-backup/core/internal'
import type { Command } from 'commander'
import { leavingNoDirectory } from '../../access/backup-directory.js'
import { openPlugin } from '../../access/open-plugin.js'
import { type PlaceOptions, withConnection, withPlace } from '../../config/options.js'
import { readSettings, type Settings } from '../../config/settings.js'
import { exitCodes } from '../../exit-codes.js'
import type { Session } from '../../session.js'
import { inTheCommandsWords } from '../../terminal/command-words.js'
import { table } from '../../terminal/layout.js'
import { watchTime } from '../../terminal/progress.js'
import { atPlace } from '../../terminal/shell-words.js'
import type { Terminal } from '../../terminal/terminal.js'
import { counted } from '../../terminal/units.js'
import { inOneLine } from '../../terminal/visible.js'
import { wrapped, wrappedReport } from '../../terminal/wrapped.js'
import { databaseFindings } from './database-findings.js'

const examples = `
Writes, reads, lists and deletes a small file at the destination, and opens the
database. Exits with the code of the first problem; notes do not count.

Examples:
  s3db-backup doctor --path /mnt/backups
  s3db-backup doctor --config ./s3db-backup.config.json --json`

export function doctorCommand(command: Command, session: Session): void {
  withPlace(withConnection(command, 'also check that this database can be opened, and its versions'))
    .addHelpText('after', examples)
    .action((options: PlaceOptions) => doctor(session, options))
}

/** `s3db-backup doctor`: tries at the destination what backups need, and opens the database if one was given. */
export async function doctor(session: Session, options: PlaceOptions): Promise<void> {
  const { terminal } = session
  const examination = await examine(session, await readSettings(options, terminal))
  if (terminal.json) terminal.document(examination)
  else printExamined(terminal, examination)
}

/** What was found of a destination, and of a database. */
export interface Examination {
  readonly ok: boolean
  readonly findings: readonly Finding[]
}

/** The first problem decides what the process exits with. */
export async function examine(session: Session, settings: Settings): Promise<Examination> {
  const { terminal, signal } = session
  const plugin = openPlugin(settings)
  const progress = watchTime(terminal, { doing: 'Looking', mode: 'auto' })
  const look = async () => [
    ...(await plugin.destination.check({ signal })),
    ...(await databaseFindings(session, settings)),
  ]
  const findings = await leavingNoDirectory(settings, look).finally(() => progress.stop())
  const first = findings.find(({ level }) => level === 'problem')
  if (first !== undefined) session.exitCode = exitCodes[first.error?.code ?? 'unsupported']
  return { ok: first === undefined, findings }
}

export function printExamined(terminal: Terminal, { findings }: Examination): void {
  const problems = findings.filter(({ level }) => level === 'problem').length
  if (!terminal.quiet) printFindings(terminal, findings)
  if (problems > 0) terminal.complain(`${terminal.errorColors.red('✗')} ${counted(problems, 'problem')}`)
  else if (!terminal.quiet) terminal.print(`${terminal.colors.green('✓')} ${usable(findings, terminal)}`)
}

function usable(findings: readonly Finding[], { width = Number.POSITIVE_INFINITY }: Terminal): string {
  const sentence = findings.some(({ check }) => check === 'database')
    ? 'The destination and the database are usable'
    : 'The destination is usable'
  return wrappedReport(sentence, width - 2)
}

/** Fewer columns than this are too few for a sentence. */
const narrowest = 30

function printFindings(
  { colors, width, print, redactor, place }: Terminal,
  findings: readonly Finding[],
): void {
  const marks = { ok: colors.green('ok'), note: colors.yellow('note'), problem: colors.red('problem') }
  const longest = Math.max(...findings.map((finding) => nameOf(finding).length))
  const room = (width ?? Number.POSITIVE_INFINITY) - longest - 'problem'.length - 4
  const sentenceOf = (finding: Finding) =>
    inOneLine(redactor.text(`${finding.message}. ${atPlace(adviceOf(finding), place)}`))
  if (room < narrowest) {
    for (const finding of findings) {
      print(`${marks[finding.level]} ${nameOf(finding)}`)
      for (const line of wrapped(sentenceOf(finding), (width ?? narrowest) - 2)) print(`  ${line}`)
    }
    return
  }
  const rows = findings.map((finding) => [
    marks[finding.level],
    nameOf(finding),
    wrapped(sentenceOf(finding), room).join('\n'),
  ])
  const columns = [{ title: 'Result' }, { title: 'Check' }, { title: 'Finding' }]
  print(table(columns, rows, { width: undefined, head: colors.bold, lines: true }))
}

function adviceOf({ suggestion = '', error }: Finding): string {
  return error?.suggestion === suggestion ? inTheCommandsWords(error).suggestion : suggestion
}

function nameOf({ check, destination }: Finding): string {
  return destination === undefined ? check : `${destination}: ${check}`
}
