import { BackupError } from '@s3db-backup/core'
import { type Command, Option } from 'commander'
import { openPlugin } from '../access/open-plugin.js'
import { resolveId } from '../access/resolve-id.js'
import { thawFirst, withThaw } from '../access/thaw.js'
import { names, namesIfAny, positiveNumber, withPlace, withPlain, withProgress } from '../config/options.js'
import { readSettings } from '../config/settings.js'
import { exitCodes } from '../exit-codes.js'
import type { Session } from '../session.js'
import { watchTime } from '../terminal/progress.js'
import { printVerified } from '../terminal/summaries/verify-summary.js'
import { type DrillOptions, drill } from './drill.js'
import { verifyEverywhere } from './replicas.js'
import { verifyLast } from './verify-last.js'

interface VerifyOptions extends DrillOptions {
  /** At every one of several destinations. */
  readonly everywhere?: boolean | undefined
  readonly quick?: boolean | undefined
  readonly level?: 'quick' | 'stored' | 'full' | 'restore' | undefined
  /** So many of the newest backups. */
  readonly last?: number | undefined
  readonly subset?: string | undefined
}

const examples = `
Levels: quick compares the files and their sizes with the manifest; stored reads
and hashes every byte and needs no key; full (the default) also decodes every
record; restore is a drill: it restores the backup into a database of its own
and compares every record.

Examples:
  s3db-backup verify full-2024-03-15T14-30-45-abc123
  s3db-backup verify full-2024-03-15T14-30-45-abc123 --quick
  s3db-backup verify --last 5
  s3db-backup verify full-2024-03-15T14-30-45-abc123 --subset "$(date +%u)/7"
  s3db-backup verify full-2024-03-15T14-30-45-abc123 --level restore \\
    --report drill.json --report-text drill.txt --signed-off-by "Ada L."`

export function verifyCommand(command: Command, session: Session): void {
  command.argument('[id]', 'the backup; left out with --last')
  withProgress(withPlain(withThaw(withPlace(command))))
    .option('--everywhere', 'at each destination of the driver multi')
    .addOption(
      new Option('--level <level>', 'how thorough the check is (default: full)').choices([
        'quick',
        'stored',
        'full',
        'restore',
      ]),
    )
    .addOption(new Option('--quick', 'only check that every file exists with its size').conflicts('level'))
    .option('--last <n>', 'the newest backups, one after the other', positiveNumber)
    .option('--subset <n/m>', 'read only a part of the files: 1/7 to 7/7 together read all')
    .option('--resources <names>', 'drill: only these resources (globs allowed)', names)
    .option('--exclude <names>', 'drill: not these resources (globs allowed)', namesIfAny)
    .option('--scratch <where>', 'drill: disk, memory or a connection string (default: disk)')
    .option('--report <file>', 'drill: write the report there, as JSON')
    .option('--report-text <file>', 'drill: write the report there, for people')
    .option('--keep-report', 'drill: keep the report at the destination, below reports/')
    .option('--signed-off-by <who>', 'drill: who signs off the report')
    .option(
      '--signing-key-file <file>',
      'drill: sign the report with this Ed25519 key (or set S3DB_BACKUP_SIGNING_KEY)',
    )
    .addHelpText('after', examples)
    .action((id: string | undefined, options: VerifyOptions) => verify(session, id, options))
}

/** `s3db-backup verify [id]`: checks a backup, or the newest ones. Needs no database. */
export async function verify(
  session: Session,
  given: string | undefined,
  options: VerifyOptions,
): Promise<void> {
  const level = options.quick === true ? 'quick' : (options.level ?? 'full')
  checkTogether(given, level, options)
  if (options.last !== undefined) return verifyLast(session, { limit: options.last, level }, options)
  if (given === undefined) throw wrong('Give a backup id, or --last 1')
  if (options.everywhere === true) return verifyEverywhere(session, given, options)
  if (level === 'restore') return drill(session, given, options)
  const { terminal, signal } = session
  const plugin = openPlugin(await readSettings(options, terminal))
  const id = await resolveId(plugin, given, 'verify')
  await thawFirst(session, plugin, id, options)
  const progress = watchTime(terminal, { doing: 'Verifying', mode: options.progress })
  const { subset, allowPlain = false } = options
  const report = await plugin.verify(id, { level, allowPlain, subset, signal }).finally(() => progress.stop())
  const [problem] = report.problems
  if (problem !== undefined) session.exitCode = exitCodes[problem.code]
  if (terminal.json) terminal.document(report)
  else printVerified(terminal, report, subset)
}

const forDrills = [
  ...(['resources', 'exclude', 'scratch', 'report', 'reportText'] as const),
  ...(['keepReport', 'signedOffBy', 'signingKeyFile'] as const),
]

/** Refuses an option that would be silently ignored. */
function checkTogether(id: string | undefined, level: string, options: VerifyOptions): void {
  if (id !== undefined && options.last !== undefined) throw wrong('Give a backup id or --last, not both')
  const drills = level === 'restore' && options.last === undefined
  const misplaced = forDrills.find((name) => options[name] !== undefined)
  if (misplaced !== undefined && !drills)
    throw wrong(`--${dashed(misplaced)} is for drills: --level restore of one backup`)
  if (options.subset !== undefined && (level === 'quick' || level === 'restore'))
    throw wrong(`--subset is not for level ${level}, which does not read file by file`)
  if (options.everywhere === true && (options.last !== undefined || level === 'restore'))
    throw wrong('--everywhere checks one backup and runs no drill')
}

function dashed(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

function wrong(message: string): BackupError {
  return new BackupError('invalid_options', message, {
    operation: 'verify',
    suggestion: "See 's3db-backup verify --help'.",
  })
}
