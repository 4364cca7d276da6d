import { BackupError } from '@s3db-backup/core'
import type { ValidationReport } from '@s3db-backup/plugin-adapter'
import { nothingHere } from '../access/backup-directory.js'
import { openNowhere } from '../access/database.js'
import { openPlugin } from '../access/open-plugin.js'
import type { PlaceOptions, ProgressMode } from '../config/options.js'
import { readSettings } from '../config/settings.js'
import { exitCodes } from '../exit-codes.js'
import type { Session } from '../session.js'
import { watchTime } from '../terminal/progress.js'
import type { Terminal } from '../terminal/terminal.js'
import { counted } from '../terminal/units.js'

interface LastOptions extends PlaceOptions {
  readonly allowPlain?: boolean | undefined
  readonly subset?: string | undefined
  readonly progress: ProgressMode
}

/**
 * `s3db-backup verify --last <n>`: checks the newest backups and reports on each. If there is none, nothing was
 * verified: that is not a success, or monitoring of the wrong place would never be noticed.
 */
export async function verifyLast(
  session: Session,
  { limit, level }: { readonly limit: number; readonly level: 'quick' | 'stored' | 'full' | 'restore' },
  options: LastOptions,
): Promise<void> {
  const { terminal, signal } = session
  const settings = await readSettings(options, terminal)
  const nowhere = level === 'restore' ? await openNowhere(session) : undefined
  const progress = watchTime(terminal, { doing: 'Verifying', mode: options.progress })
  try {
    const { allowPlain = false, subset } = options
    const call = { limit, level, allowPlain, subset, signal }
    const report = await openPlugin(settings, nowhere?.database).validateBackups(call)
    progress.stop()
    if (report.totalBackups === 0) throw nothingToVerify(await nothingHere(settings))
    if (report.failed > 0) session.exitCode = exitCodeOf(report)
    else if (report.errors > 0)
      session.exitCode = exitCodes[isOnlyDenied(report) ? 'permission_denied' : 'internal']
    if (terminal.json) terminal.document(report)
    else print(terminal, report)
  } finally {
    progress.stop()
    await nowhere?.close()
  }
}

function nothingToVerify(why: string): BackupError {
  return new BackupError('not_found', why, {
    operation: 'verify',
    suggestion: 'Give the location of the backups: --path, or --driver and its options.',
  })
}

/** Damage counts more than a chain that is broken. */
function exitCodeOf({ validations }: ValidationReport): number {
  const failed = validations.filter(({ overall }) => overall === 'fail')
  const onlyBroken = failed.every(({ code }) => code === 'broken_chain')
  return exitCodes[onlyBroken ? 'broken_chain' : 'corrupt']
}

function isOnlyDenied({ validations }: ValidationReport): boolean {
  return validations.every(({ overall, code }) => overall !== 'error' || code === 'permission_denied')
}

function print(terminal: Terminal, { validations, passed, totalBackups }: ValidationReport): void {
  for (const { backupId, overall, problems } of validations) {
    if (overall === 'pass') {
      if (!terminal.quiet) terminal.print(`${terminal.colors.green('✓')} ${backupId}`)
      continue
    }
    const what = overall === 'fail' ? 'is damaged' : 'could not be checked'
    terminal.complain(`${terminal.errorColors.red('✗')} ${backupId} ${what}`)
    for (const problem of problems) terminal.complain(`  ${problem}`)
  }
  if (!terminal.quiet) terminal.print(`${passed} of ${counted(totalBackups, 'backup')} passed`)
}
