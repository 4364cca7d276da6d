import { BackupError, errorTable } from '@s3db-backup/core'
import type { PluginVerify } from '@s3db-backup/plugin-adapter'
import { openPlugin } from '../access/open-plugin.js'
import { thawFirst } from '../access/thaw.js'
import type { VerifyCommand } from '../config/command-options.js'
import { readSettings } from '../config/settings.js'
import type { Session } from '../session.js'
import { watchTime } from '../terminal/progress.js'
import type { Terminal } from '../terminal/terminal.js'
import { bytes, counted } from '../terminal/units.js'
import { drill } from './drill.js'
import { verifyEverywhere } from './replicas.js'
import { verifyLast } from './verify-last.js'

/** `s3db-backup verify [id]`: checks a backup, or the newest ones. Needs no database. */
export async function verify(
  session: Session,
  id: string | undefined,
  options: VerifyCommand,
): Promise<void> {
  const level = options.quick === true ? 'quick' : (options.level ?? 'full')
  checkTogether(id, level, options)
  if (options.last !== undefined) return verifyLast(session, { limit: options.last, level }, options)
  if (id === undefined) throw wrong('Neither an id nor --last was given')
  if (options.everywhere === true) return verifyEverywhere(session, id, options)
  if (level === 'restore') return drill(session, id, options)
  const { terminal, signal } = session
  const plugin = openPlugin(await readSettings(options, terminal))
  await thawFirst(session, plugin, id, options)
  const progress = watchTime(terminal, { doing: 'Verifying', mode: options.progress })
  const { subset, allowPlain = false } = options
  const report = await plugin.verify(id, { level, allowPlain, subset, signal }).finally(() => progress.stop())
  const [problem] = report.problems
  if (problem !== undefined) session.exitCode = errorTable[problem.code].exitCode
  if (terminal.json) terminal.document(report)
  else printReport(terminal, report, subset)
}

const forDrills = [
  ...(['resources', 'exclude', 'scratch', 'report', 'reportText'] as const),
  ...(['keepReport', 'signedOffBy', 'signingKeyFile'] as const),
]

/** An option that would be passed over without a word is refused. */
function checkTogether(id: string | undefined, level: string, options: VerifyCommand): void {
  if (id !== undefined && options.last !== undefined) throw wrong('There is an id, and --last')
  const drills = level === 'restore' && options.last === undefined
  const misplaced = forDrills.find((name) => options[name] !== undefined)
  if (misplaced !== undefined && !drills)
    throw wrong(`--${dashed(misplaced)} is for drills: --level restore of one backup`)
  if (options.subset !== undefined && (level === 'quick' || level === 'restore'))
    throw wrong(`--subset is not for level ${level}, which does not read file by file`)
  if (options.everywhere === true && (options.last !== undefined || level === 'restore'))
    throw wrong('--everywhere checks one backup, and makes no drill')
}

function dashed(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

function wrong(message: string): BackupError {
  return new BackupError('invalid_options', message, {
    operation: 'verify',
    suggestion: 'See s3db-backup verify --help.',
  })
}

const looked = {
  quick: 'looks whole: every file is there and has its size; contents were not read',
  stored: 'is intact: every stored byte was read and compared',
  full: 'is intact: every byte was read and compared',
} as const

function printReport(terminal: Terminal, report: PluginVerify, subset: string | undefined) {
  const { id, level, ok, files, bytes: size, records, problems } = report
  if (ok) {
    if (terminal.quiet) return
    const how =
      subset === undefined
        ? looked[level]
        : `looks whole: every file has its size, and ${subset} of them were read`
    // Without the key of an encrypted backup they were not counted.
    const counts = level === 'full' || records > 0 ? [counted(records, 'record')] : []
    const seen = [counted(files, 'file'), bytes(size), ...counts].join(', ')
    terminal.print(`${terminal.colors.green('✓')} ${id} ${how} (${seen})`)
    if (report.ancestors.length > 0) terminal.print(`  ${ancestorsInWords(report.ancestors)}`)
    return
  }
  terminal.complain(
    `${terminal.errorColors.red('✗')} ${id} ${whatIsWrong(problems)} (${counted(problems.length, 'problem')})`,
  )
  for (const { message } of problems) terminal.complain(`  ${message}`)
}

function ancestorsInWords(ancestors: readonly string[]): string {
  const were =
    ancestors.length === 1 ? 'which was not read: verify that' : 'which were not read: verify those'
  return `It builds on ${ancestors.join(', ')}, ${were}, too.`
}

function whatIsWrong(problems: PluginVerify['problems']): string {
  return problems.every(({ code }) => code === 'broken_chain') ? 'cannot be restored' : 'is damaged'
}
