import { errorTable, type Loss, type LostRecord } from '@s3db-backup/core'
import type { BackupPlugin } from '@s3db-backup/plugin'
import type { SalvageCall } from '@s3db-backup/plugin-adapter'
import { openNowhere } from '../access/database.js'
import { openPlugin } from '../access/open-plugin.js'
import { lineFiles } from '../access/output-files.js'
import { thawFirst } from '../access/thaw.js'
import type { SalvageCommand } from '../config/command-options.js'
import { readSettings } from '../config/settings.js'
import type { Session } from '../session.js'
import type { Terminal } from '../terminal/terminal.js'
import { count, counted } from '../terminal/units.js'

/** What a salvage came to. */
interface Salvaged {
  readonly id: string
  /** The backup that this one builds on, which was not looked at. */
  readonly parent: string | null
  /** Records by resource: found intact, or, with a database, written there. */
  readonly resources: Readonly<Record<string, number>>
  /** What a database had already, and kept, in records by resource. */
  readonly skipped: Readonly<Record<string, number>>
  /** What a database refused, by resource, those of plugins included. */
  readonly failed: Readonly<Record<string, readonly LostRecord[]>>
  readonly lost: readonly Loss[]
}

type Found = Omit<Salvaged, 'id' | 'parent'>

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
    // Whether there is such a backup shows before a folder is made.
    const { manifest } = await plugin.describe(id, { signal })
    const found = toDatabase
      ? await intoDatabase(plugin, id, { ...call, target: to })
      : await intoFolder(plugin, id, call, to)
    const salvaged = { id, parent: manifest.parent, ...found }
    if (isIncomplete(salvaged)) session.exitCode = errorTable.incomplete.exitCode
    if (terminal.json) terminal.document({ ...salvaged, to: to ?? null })
    else print(terminal, salvaged, { to, chosen: (resources ?? exclude) !== undefined })
  } finally {
    await nowhere?.close()
  }
}

async function intoDatabase(
  plugin: BackupPlugin,
  id: string,
  call: SalvageCall & { readonly target: string },
): Promise<Found> {
  const { resources, internal, lost } = await plugin.salvageInto(id, call)
  const written = Object.entries(resources)
  const failed = [...written, ...Object.entries(internal)].filter(([, report]) => report.failed.length > 0)
  return {
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
): Promise<Found> {
  const counts = new Map<string, number>()
  const lost: Loss[] = []
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
  return { resources: Object.fromEntries(counts), skipped: {}, failed: {}, lost }
}

interface Asked {
  readonly to: string | undefined
  /** Not all resources were asked for. */
  readonly chosen: boolean
}

function print(terminal: Terminal, salvaged: Salvaged, { to, chosen }: Asked): void {
  const { id, parent, resources, skipped, failed, lost } = salvaged
  const { green } = terminal.colors
  const cross = terminal.errorColors.red('✗')
  const verb = to === undefined ? 'intact' : 'salvaged'
  if (!terminal.quiet)
    for (const [name, records] of Object.entries(resources).filter(([name, n]) => n > 0 || skipped[name]))
      terminal.print(`${green('✓')} ${name}: ${counted(records, 'record')} ${verb}${kept(skipped[name])}`)
  for (const [name, records] of Object.entries(failed))
    terminal.complain(`${cross} ${name}: ${failuresInWords(records)}`)
  for (const loss of lost) terminal.complain(`${cross} ${loss.resource}: ${lossInWords(loss)}`)
  if (terminal.quiet) return
  if (!isIncomplete(salvaged)) terminal.print(`Nothing of ${chosen ? 'the chosen resources' : id} is lost.`)
  if (parent !== null) terminal.print(`Only ${id} was looked at. It builds on ${parent}.`)
  if (to === undefined) terminal.note('Nothing was written. Give --to for a database or a folder.')
  else terminal.print(`Written to ${terminal.redactor.text(to)}.`)
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
  const what = holds === 'rows' ? 'record' : 'line'
  const amount = first === undefined || last === undefined ? undefined : Math.max(0, last - first + 1)
  const lost = amount === undefined ? `${what}s lost` : `at most ${counted(amount, what)} lost`
  // Stored bytes are counted as `verify` does it: the last one is among them.
  const where = `bytes ${count(bytes.from)}–${count(Math.max(bytes.from, bytes.to - 1))} of ${file}`
  return `${lost} (${linesInWords(first, last)}, ${where})`
}

function linesInWords(first: number | undefined, last: number | undefined): string {
  if (first === undefined) return last === undefined ? 'lines unknown' : `lines up to ${count(last)}`
  return last === undefined ? `lines from ${count(first)} on` : `lines ${count(first)}–${count(last)}`
}
