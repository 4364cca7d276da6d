import { errorTable, type Loss, type LostRecord } from '@s3db-backup/core'
import type { BackupPlugin } from '@s3db-backup/plugin'
import type { SalvageCall } from '@s3db-backup/plugin-adapter'
import type { SalvageCommand } from '../command-options.js'
import { openNowhere } from '../database.js'
import { lineFiles } from '../line-files.js'
import { openPlugin } from '../open-plugin.js'
import type { Session } from '../session.js'
import { readSettings } from '../settings.js'
import type { Terminal } from '../terminal.js'
import { thawFirst } from '../thaw.js'
import { count, counted } from '../units.js'

/** What a salvage came to. */
interface Salvaged {
  readonly id: string
  /** Records by resource: found intact, or, with a database, written there. */
  readonly resources: Readonly<Record<string, number>>
  /** What a database had already, and kept, in records by resource. */
  readonly skipped: Readonly<Record<string, number>>
  /** What a database refused, by resource, those of plugins included. */
  readonly failed: Readonly<Record<string, readonly LostRecord[]>>
  readonly lost: readonly Loss[]
}

/** `s3db-backup salvage <id>`: what is provably intact of a damaged backup, and what is lost. */
export async function salvage(session: Session, id: string, options: SalvageCommand): Promise<void> {
  const { terminal, signal } = session
  const settings = await readSettings(options, terminal)
  const { to, resources, exclude, allowPlain = false } = options
  const toDatabase = to !== undefined && /^[a-z][a-z0-9+.-]*:\/\//i.test(to)
  if (toDatabase) terminal.redactor.hideConnection(to)
  const nowhere = toDatabase ? await openNowhere(session) : undefined
  try {
    const plugin = openPlugin(settings, nowhere?.database)
    await thawFirst(session, plugin, id, options)
    const call = { resources, exclude, allowPlain, signal }
    const salvaged = toDatabase
      ? await intoDatabase(plugin, id, { ...call, target: to })
      : await intoFolder(plugin, id, call, to)
    if (isIncomplete(salvaged)) session.exitCode = errorTable.incomplete.exitCode
    if (terminal.json) terminal.document({ ...salvaged, to: to ?? null })
    else print(terminal, salvaged, to)
  } finally {
    await nowhere?.close()
  }
}

async function intoDatabase(
  plugin: BackupPlugin,
  id: string,
  call: SalvageCall & { readonly target: string },
): Promise<Salvaged> {
  const { resources, internal, lost } = await plugin.salvageInto(id, call)
  const written = Object.entries(resources)
  const failed = [...written, ...Object.entries(internal)].filter(([, report]) => report.failed.length > 0)
  return {
    id,
    resources: Object.fromEntries(written.map(([name, { restored }]) => [name, restored])),
    skipped: Object.fromEntries(written.map(([name, { skipped }]) => [name, skipped])),
    failed: Object.fromEntries(failed.map(([name, report]) => [name, report.failed])),
    lost,
  }
}

const isIncomplete = ({ lost, failed }: Salvaged): boolean => lost.length + Object.keys(failed).length > 0

/** Without a folder only counts. */
async function intoFolder(
  plugin: BackupPlugin,
  id: string,
  call: SalvageCall,
  folder: string | undefined,
): Promise<Salvaged> {
  const counts = new Map<string, number>()
  const lost: Loss[] = []
  // Whether there is such a backup shows before a folder is made.
  await plugin.describe(id, { signal: call.signal })
  const files = folder === undefined ? undefined : await lineFiles(folder)
  try {
    for await (const found of plugin.salvage(id, call)) {
      if (found.type === 'lost') {
        lost.push(found)
        continue
      }
      const { resource, holds, lines } = found
      if (holds === 'rows') counts.set(resource, (counts.get(resource) ?? 0) + lines.length)
      await files?.write(holds === 'rows' ? resource : `${resource}.${holds}`, lines)
    }
  } finally {
    await files?.close()
  }
  return { id, resources: Object.fromEntries(counts), skipped: {}, failed: {}, lost }
}

function print(terminal: Terminal, salvaged: Salvaged, to: string | undefined): void {
  const { id, resources, skipped, failed, lost } = salvaged
  const { green } = terminal.colors
  const cross = terminal.errorColors.red('✗')
  const verb = to === undefined ? 'intact' : 'salvaged'
  if (!terminal.quiet)
    for (const [name, records] of Object.entries(resources))
      terminal.print(`${green('✓')} ${name}: ${counted(records, 'record')} ${verb}${kept(skipped[name])}`)
  for (const [name, records] of Object.entries(failed))
    terminal.complain(`${cross} ${name}: ${failuresInWords(records)}`)
  for (const loss of lost) terminal.complain(`${cross} ${loss.resource}: ${lossInWords(loss)}`)
  if (terminal.quiet) return
  if (!isIncomplete(salvaged)) terminal.print(`Nothing of ${id} is lost.`)
  if (to === undefined) terminal.note('Nothing was written. Give --to for a database or a folder.')
}

function kept(records = 0): string {
  return records === 0 ? '' : `, ${count(records)} kept as they were`
}

/** As many as anybody reads. `--json` has all. */
const most = 5

function failuresInWords(records: readonly LostRecord[]): string {
  const shown = records.slice(0, most).map(({ id, reason }) => `${id} (${reason})`)
  const more = records.length > most ? ` and ${count(records.length - most)} more` : ''
  const were = records.length === 1 ? 'was' : 'were'
  return `${counted(records.length, 'record')} ${were} not written: ${shown.join(', ')}${more}`
}

function lossInWords({ holds, file, bytes, lines: { first, last } }: Loss): string {
  const known = first !== undefined && last !== undefined
  const range =
    first === undefined && last === undefined
      ? 'lines in the middle'
      : `lines ${first === undefined ? '?' : count(first)} to ${last === undefined ? '?' : count(last)}`
  const what = known ? `${counted(Math.max(0, last - first + 1), 'line')} at most, ${range}` : range
  return `${what} of ${file} (${holds}; bytes ${count(bytes.from)} to ${count(bytes.to)})`
}
