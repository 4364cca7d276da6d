import type { LostRecord } from '@s3db-backup/core'
import type { Doubt, Loss } from '@s3db-backup/core/internal'
import type { Terminal } from '../terminal.js'
import { count, counted } from '../units.js'

/** The result of a salvage. */
export interface Salvaged {
  readonly id: string
  /** The backup that this one builds on, which was not looked at. */
  readonly parent: string | null
  /** Records by resource: found intact, or, with a database, written there. */
  readonly resources: Readonly<Record<string, number>>
  /** Records that the database already had and kept, by resource. */
  readonly skipped: Readonly<Record<string, number>>
  /** Records that the database refused, by resource, including data of plugins. */
  readonly failed: Readonly<Record<string, readonly LostRecord[]>>
  readonly lost: readonly Loss[]
  /** Contradictions between unaltered bytes. */
  readonly doubts: readonly Doubt[]
}

export const isIncomplete = ({ lost, failed, doubts }: Salvaged): boolean =>
  lost.length + Object.keys(failed).length + doubts.length > 0

interface Asked {
  readonly to: string | undefined
  /** Only some resources were requested. */
  readonly chosen: boolean
}

export function printSalvaged(terminal: Terminal, salvaged: Salvaged, { to, chosen }: Asked): void {
  const { id, parent, resources, skipped, failed, lost, doubts } = salvaged
  const { green } = terminal.colors
  const cross = terminal.errorColors.red('✗')
  const verb = to === undefined ? 'intact' : 'salvaged'
  if (!terminal.quiet)
    for (const [name, records] of Object.entries(resources).filter(([name, n]) => n > 0 || skipped[name]))
      terminal.print(`${green('✓')} ${name}: ${counted(records, 'record')} ${verb}${kept(skipped[name])}`)
  for (const [name, records] of Object.entries(failed))
    terminal.complain(`${cross} ${name}: ${failuresInWords(records)}`)
  for (const loss of lost) terminal.complain(`${cross} ${loss.resource}: ${lossInWords(loss)}`)
  for (const { problem } of doubts) terminal.complain(`${cross} In doubt: ${problem.message}`)
  if (terminal.quiet) return
  if (!isIncomplete(salvaged)) terminal.print(`Nothing of ${chosen ? 'the chosen resources' : id} is lost.`)
  if (parent !== null) terminal.print(`Only ${id} was looked at. It builds on ${parent}.`)
  if (to === undefined) terminal.note('Nothing was written. Give --to a database or a folder.')
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

function lossInWords({ holds, file, bytes, lines: { first, last }, saved = 0 }: Loss): string {
  const what = holds === 'rows' ? 'record' : 'line'
  const amount = first === undefined || last === undefined ? undefined : Math.max(0, last - first + 1 - saved)
  const lost = amount === undefined ? `${what}s lost` : `at most ${counted(amount, what)} lost`
  const proved = saved === 0 ? '' : `, ${count(saved)} of them proved by the key index`
  // Byte ranges include the last byte, as in `verify`.
  const where = `bytes ${count(bytes.from)}–${count(Math.max(bytes.from, bytes.to - 1))} of ${file}`
  return `${lost} (${linesInWords(first, last)}${proved}, ${where})`
}

function linesInWords(first: number | undefined, last: number | undefined): string {
  if (first === undefined) return last === undefined ? 'lines unknown' : `lines up to ${count(last)}`
  return last === undefined ? `lines from ${count(first)} on` : `lines ${count(first)}–${count(last)}`
}
