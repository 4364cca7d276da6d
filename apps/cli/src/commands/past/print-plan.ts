import type { UndoPlan, UndoReport, UndoStep } from '@s3db-backup/s3db'
import { table } from '../../terminal/layout.js'
import { noteNear } from '../../terminal/summaries/near.js'
import type { Terminal } from '../../terminal/terminal.js'
import { count, counted } from '../../terminal/units.js'
import { inOneLine } from '../../terminal/visible.js'
import { printSentence } from '../../terminal/wrapped.js'

/** Steps of one resource that are shown one by one. */
const shown = 20

const changes = ['changed', 'deleted', 'created', 'unknown'] as const

/** The plan as JSON has it. */
export function planDocument({ since, steps, near, notFound, doubts, refused }: UndoPlan) {
  return {
    ...{ near, notFound, doubts, refused },
    since: since.toISOString(),
    steps: steps.map(({ resource, id, change, fields, lost }) => ({
      ...{ resource, id, change },
      ...(fields === undefined ? {} : { fields }),
      ...(lost === undefined ? {} : { lost }),
    })),
  }
}

/** What differs from the moment: the first records of each resource, and the numbers of all. */
export function printPlan(terminal: Terminal, { since, steps }: UndoPlan): void {
  if (steps.length === 0) {
    printSentence(terminal, `Every record is as it was at ${since.toISOString()}.`)
    return
  }
  terminal.print(`Since ${since.toISOString()}:`)
  const names = [...new Set(steps.map(({ resource }) => resource))]
  for (const name of names) {
    const own = steps.filter(({ resource }) => resource === name)
    for (const step of own.slice(0, shown))
      terminal.print(inOneLine(`${sign(step, terminal)} ${name} ${step.id}${detail(step)}`))
    if (own.length > shown) terminal.print(`  and ${counted(own.length - shown, 'record')} more of ${name}`)
  }
  terminal.print()
  const rows = names.map((name) => [
    name,
    ...changes.map((change) =>
      count(steps.filter((step) => step.resource === name && step.change === change).length),
    ),
  ])
  const columns = [
    { title: 'Resource' },
    ...['Changed', 'Deleted', 'Created', 'Unknown'].map((title) => ({ title, align: 'right' as const })),
  ]
  terminal.print(table(columns, rows, { width: terminal.width, head: terminal.colors.bold }))
}

/** What stays although it was not there: an undo of changes and deletions alone must not be taken for all of it. */
export function printCreated(terminal: Terminal, { steps }: UndoPlan): void {
  const created = steps.filter(({ change }) => change === 'created').length
  if (created === 0) return
  const which =
    created === 1 ? 'record was created since then and stays' : 'records were created since then and stay'
  const them = created === 1 ? 'it' : 'them'
  const text = `${count(created)} ${which}; undo --created removes ${them}.`
  printSentence(terminal, text)
}

/** What there is to know of the moment: records that may be missing from the plan, and how exact it is. */
export function printLimits(terminal: Terminal, { near, notFound, doubts, refused }: UndoPlan): void {
  for (const [name, reason] of Object.entries(refused)) terminal.warn(refusedResource(name, reason))
  for (const id of notFound) terminal.warn(noSuchRecord(id))
  for (const doubt of doubts) terminal.warn({ message: inOneLine(doubt), suggestion: '' })
  noteNear(terminal, near)
}

function refusedResource(
  name: string,
  reason: string,
): { readonly message: string; readonly suggestion: string } {
  return {
    message: inOneLine(`No record of ${name} can be restored: ${reason}`),
    suggestion: `Recover it into another database: s3db-backup recover --at <time> --resources ${name} --target <url>`,
  }
}

/** An id that was asked for and that is in no resource. */
export function noSuchRecord(id: string): { readonly message: string; readonly suggestion: string } {
  return {
    message: inOneLine(`There is no record ${JSON.stringify(id)} of that time in these resources`),
    suggestion: 'Check the id, the resources and the time.',
  }
}

function sign({ change }: UndoStep, { colors }: Terminal): string {
  if (change === 'created') return colors.green('+')
  if (change === 'deleted') return colors.red('-')
  return colors.yellow(change === 'unknown' ? '?' : '~')
}

function detail({ fields, lost }: UndoStep): string {
  if (lost !== undefined) return `: ${lost}`
  return fields === undefined || fields.length === 0 ? '' : `: ${fields.join(', ')}`
}

/** The report as JSON has it. */
export function reportDocument(reports: ReadonlyMap<string, UndoReport>) {
  return Object.fromEntries(
    [...reports].map(([name, report]) => [
      name,
      {
        broughtBack: report.broughtBack.length,
        removed: report.removed.length,
        changedMeanwhile: report.changedMeanwhile,
        failed: report.failed,
        ...(report.refused === undefined ? {} : { refused: report.refused }),
      },
    ]),
  )
}

/** The report of what was done and what was not. */
export function printReport(terminal: Terminal, reports: ReadonlyMap<string, UndoReport>): void {
  for (const [name, { broughtBack, removed, changedMeanwhile, failed, refused }] of reports) {
    const done = [
      `${counted(broughtBack.length, 'record')} brought back`,
      ...(removed.length === 0 ? [] : [`${count(removed.length)} removed`]),
    ]
    terminal.print(`${name}: ${done.join(', ')}`)
    if (refused !== undefined) terminal.warn(refusedResource(name, refused))
    for (const id of changedMeanwhile)
      terminal.warn({
        message: inOneLine(`${name} ${id} was written in the meantime and keeps that version`),
        suggestion: '',
      })
    for (const { id, reason } of failed)
      terminal.warn({ message: inOneLine(`${name} ${id} was not restored: ${reason}`), suggestion: '' })
  }
}
