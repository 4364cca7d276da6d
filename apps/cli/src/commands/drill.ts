import { readFile } from 'node:fs/promises'
import { BackupError } from '@s3db-backup/core'
import { formatDrillReport } from '@s3db-backup/plugin'
import type { DrillReport } from '@s3db-backup/plugin-adapter'
import { openNowhere } from '../access/database.js'
import { openPlugin } from '../access/open-plugin.js'
import { writeWhole } from '../access/output-files.js'
import { resolveId } from '../access/resolve-id.js'
import { type ThawOptions, thawFirst } from '../access/thaw.js'
import type { PlaceOptions, ProgressMode } from '../config/options.js'
import { readSettings } from '../config/settings.js'
import { exitCodes } from '../exit-codes.js'
import type { Session } from '../session.js'
import { watchTime } from '../terminal/progress.js'
import type { Terminal } from '../terminal/terminal.js'
import { wrappedReport } from '../terminal/wrapped.js'

export interface DrillOptions extends PlaceOptions, ThawOptions {
  readonly allowPlain?: boolean | undefined
  readonly resources?: string[] | undefined
  readonly exclude?: string[] | undefined
  /** Where it is restored to: `disk`, `memory` or a connection string. */
  readonly scratch?: string | undefined
  readonly report?: string | undefined
  readonly reportText?: string | undefined
  readonly keepReport?: boolean | undefined
  readonly signedOffBy?: string | undefined
  readonly signingKeyFile?: string | undefined
  readonly progress: ProgressMode
}

/** `s3db-backup verify <id> --level restore`: restores it into a database of its own and compares every record. */
export async function drill(session: Session, given: string, options: DrillOptions): Promise<void> {
  const { terminal, signal } = session
  const settings = await readSettings(options, terminal)
  const signingKey = await readSigningKey(options.signingKeyFile)
  if (signingKey !== undefined) terminal.redactor.hide(signingKey)
  const { resources, exclude, scratch, signedOffBy, allowPlain = false, keepReport = false } = options
  if (scratch !== undefined) terminal.redactor.hideConnection(scratch)
  const nowhere = await openNowhere(session)
  const progress = watchTime(terminal, { doing: 'Drill', mode: options.progress })
  try {
    const plugin = openPlugin(settings, nowhere.database)
    const id = await resolveId(plugin, given, 'verify')
    await thawFirst(session, plugin, id, options)
    const report = await plugin.drills.run(id, {
      ...{ resources, exclude, allowPlain, scratch, signedOffBy, signingKey, signal },
      storeReport: keepReport,
    })
    progress.stop()
    if (!report.ok) session.exitCode = exitCodeOf(report)
    if (options.report !== undefined) await writeWhole(options.report, `${JSON.stringify(report, null, 2)}\n`)
    if (options.reportText !== undefined) await writeWhole(options.reportText, formatDrillReport(report))
    if (terminal.json) terminal.document(report)
    else printReport(terminal, report)
  } finally {
    progress.stop()
    await nowhere.close()
  }
}

function printReport(terminal: Terminal, report: DrillReport): void {
  const width = (report.ok ? terminal.width : terminal.errorWidth) ?? Number.POSITIVE_INFINITY
  const text = wrappedReport(formatDrillReport(report).trimEnd(), width)
  if (!report.ok) terminal.complain(text)
  else if (!terminal.quiet) terminal.print(text)
}

function exitCodeOf({ problems: [problem] }: DrillReport): number {
  return exitCodes[problem?.code ?? 'corrupt']
}

/** From a file or the environment. No message holds any of it. */
async function readSigningKey(file: string | undefined): Promise<string | undefined> {
  const { S3DB_BACKUP_SIGNING_KEY: environment } = process.env
  if (file === undefined) return environment === '' ? undefined : environment
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw new BackupError('invalid_options', `The signing key ${file} could not be read`, {
      operation: 'verify',
      suggestion: 'Check --signing-key-file.',
      cause,
    })
  }
}
