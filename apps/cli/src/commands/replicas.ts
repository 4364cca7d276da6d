import type { ReplicaReport } from '@s3db-backup/core/internal'
import type { Command } from 'commander'
import { openPlugin } from '../access/open-plugin.js'
import { resolveId } from '../access/resolve-id.js'
import { type PlaceOptions, type ProgressMode, withPlace } from '../config/options.js'
import { readSettings } from '../config/settings.js'
import { exitCodes } from '../exit-codes.js'
import type { Session } from '../session.js'
import { table } from '../terminal/layout.js'
import { watchTime } from '../terminal/progress.js'
import type { Terminal } from '../terminal/terminal.js'
import { bytes, counted } from '../terminal/units.js'

const syncExamples = `
For the driver multi. Copies missing files from one destination to the others:
parts first, each compared with its hash, the manifest last.

Examples:
  s3db-backup sync --config ./s3db-backup.config.json
  s3db-backup sync full-2024-03-15T14-30-45-abc123`

export function syncCommand(command: Command, session: Session): void {
  withPlace(command.argument('[id]', 'only this backup and those it builds on'))
    .addHelpText('after', syncExamples)
    .action((id: string | undefined, options: PlaceOptions) => sync(session, id, options))
}

const repairExamples = `
For the driver multi. Reads the backup at every destination, and replaces each
damaged or missing file with an intact copy that it has just read.

Examples:
  s3db-backup repair full-2024-03-15T14-30-45-abc123
  s3db-backup verify full-2024-03-15T14-30-45-abc123 --everywhere`

export function repairCommand(command: Command, session: Session): void {
  withPlace(command.argument('<id>', 'the backup'))
    .addHelpText('after', repairExamples)
    .action((id: string, options: PlaceOptions) => repair(session, id, options))
}

/** `s3db-backup sync [id]`. Needs no database, like everything here. */
export async function sync(
  session: Session,
  given: string | undefined,
  options: PlaceOptions,
): Promise<void> {
  const { terminal, signal } = session
  const plugin = openPlugin(await readSettings(options, terminal))
  const id = given === undefined ? undefined : await resolveId(plugin, given)
  const progress = watchTime(terminal, { doing: 'Copying', mode: 'auto' })
  const report = await plugin.replicas
    .sync({ signal, ...(id === undefined ? {} : { id }) })
    .finally(() => progress.stop())
  if (terminal.json) return terminal.document(report)
  if (terminal.quiet) return
  const { colors } = terminal
  for (const { id: copied, replica, files, bytes: size } of report.copied)
    terminal.print(`${colors.green('✓')} ${copied} to ${replica} (${counted(files, 'file')}, ${bytes(size)})`)
  if (report.copied.length === 0) terminal.print('Every destination is complete.')
}

/** `s3db-backup repair <id>`. */
export async function repair(session: Session, given: string, options: PlaceOptions): Promise<void> {
  const { terminal, signal } = session
  const plugin = openPlugin(await readSettings(options, terminal))
  const id = await resolveId(plugin, given)
  const progress = watchTime(terminal, { doing: 'Repairing', mode: 'auto' })
  const report = await plugin.replicas.repair(id, { signal }).finally(() => progress.stop())
  if (terminal.json) return terminal.document(report)
  if (terminal.quiet) return
  const { colors } = terminal
  for (const { replica, file } of report.healed)
    terminal.print(`${colors.green('✓')} ${file} repaired at ${replica}`)
  if (report.healed.length === 0) terminal.print('Nothing to repair.')
}

interface EverywhereOptions extends PlaceOptions {
  readonly quick?: boolean | undefined
  readonly allowPlain?: boolean | undefined
  readonly progress: ProgressMode
}

/** `s3db-backup verify <id> --everywhere`. */
export async function verifyEverywhere(
  session: Session,
  given: string,
  options: EverywhereOptions,
): Promise<void> {
  const { terminal, signal } = session
  const plugin = openPlugin(await readSettings(options, terminal))
  const id = await resolveId(plugin, given, 'verify')
  const progress = watchTime(terminal, { doing: 'Verifying', mode: options.progress })
  const level = options.quick === true ? 'quick' : 'full'
  const report = await plugin.replicas
    .verify(id, { level, allowPlain: options.allowPlain === true, signal })
    .finally(() => progress.stop())
  const worst = report.replicas.find(({ state }) => state !== 'whole')
  if (worst !== undefined) session.exitCode = exitCodeOf(worst)
  if (terminal.json) terminal.document(report)
  else if (!terminal.quiet) printReplicas(terminal, report.replicas)
}

function exitCodeOf({ report, error }: ReplicaReport): number {
  return exitCodes[error?.code ?? report?.problems[0]?.code ?? 'corrupt']
}

function printReplicas({ colors, width, print }: Terminal, replicas: readonly ReplicaReport[]): void {
  const rows = replicas.map(({ name, state, report, error }) => [
    name,
    state === 'whole' ? colors.green(state) : colors.red(state),
    error?.message ?? report?.problems.map(({ message }) => message).join('; ') ?? '',
  ])
  const columns = [{ title: 'Destination' }, { title: 'State' }, { title: 'Problems' }]
  print(table(columns, rows, { width, head: colors.bold }))
}
