import { errorTable, type VerifyReport } from '@s3db-backup/core'
import type { VerifyCommand } from '../command-options.js'
import { openPlugin } from '../open-plugin.js'
import { watchTime } from '../progress.js'
import type { Session } from '../session.js'
import { readSettings } from '../settings.js'
import type { Terminal } from '../terminal.js'
import { thawFirst } from '../thaw.js'
import { bytes, counted } from '../units.js'
import { verifyEverywhere } from './replicas.js'

/** `s3db-backup verify <id>`: checks a backup against its manifest. Needs no database. */
export async function verify(session: Session, id: string, options: VerifyCommand): Promise<void> {
  if (options.everywhere === true) return verifyEverywhere(session, id, options)
  const { terminal, signal } = session
  const plugin = openPlugin(await readSettings(options, terminal))
  await thawFirst(session, plugin, id, options)
  const progress = watchTime(terminal, { doing: 'Verifying', mode: options.progress })
  const level = options.quick === true ? 'quick' : 'full'
  const report = await plugin
    .verify(id, { level, allowPlain: options.allowPlain === true, signal })
    .finally(() => progress.stop())
  const [problem] = report.problems
  if (problem !== undefined) session.exitCode = errorTable[problem.code].exitCode
  if (terminal.json) terminal.document(report)
  else printReport(terminal, report)
}

function printReport(
  terminal: Terminal,
  { id, level, ok, files, bytes: size, records, problems }: VerifyReport,
) {
  const seen = `${counted(files, 'file')}, ${bytes(size)}, ${counted(records, 'record')}`
  if (ok) {
    const how = level === 'full' ? 'every byte was read and compared' : 'every file is there and has its size'
    if (!terminal.quiet) terminal.print(`${terminal.colors.green('✓')} ${id} is intact: ${how} (${seen})`)
    return
  }
  terminal.complain(
    `${terminal.errorColors.red('✗')} ${id} is damaged (${counted(problems.length, 'problem')})`,
  )
  for (const { message } of problems) terminal.complain(`  ${message}`)
}
