import { join } from 'node:path'
import { type Figure, lostIn, nameOf } from './figure.ts'
import { type Suite, suites } from './suites.ts'

export const pageFile = join(import.meta.dirname, '../../docs/trust.md')

/** A row as the page has it. */
export interface PageRow {
  readonly suite: Suite
  readonly what: string
  /** The other cells as they stand: on, tried, ended, profile. */
  readonly on: string
  readonly tried: string
  readonly ended: string
  readonly lost: number
  readonly profile: string
}

/** The text of docs/trust.md. */
export function pageOf(rows: readonly PageRow[]): string {
  const order = Object.keys(suites)
  const sorted = rows.toSorted(
    (a, b) => order.indexOf(a.suite) - order.indexOf(b.suite) || (a.what < b.what ? -1 : 1),
  )
  return [
    '# Trust',
    'What was tried to make a backup lose something, and how it ended. `pnpm test:trust` runs it all and writes this page:\nthe short profile within minutes, as `pnpm test:all` does, too; `pnpm test:trust --long` hundreds of times\nmore. A test fails if anything ends in a way that is not in the table, so the last column is 0.',
    table(
      ['suite', 'what', 'on', 'tried', 'how they ended', 'profile', 'lost'],
      sorted.map(({ suite, what, on, tried, ended, profile, lost }) => [
        ...[suite, what, on, tried, ended, profile],
        String(lost),
      ]),
    ),
    '## What the suites do',
    Object.entries(suites)
      .filter(([suite]) => rows.some((row) => row.suite === suite))
      .map(([suite, says]) => `- **${suite}**: ${says}`)
      .join('\n'),
  ]
    .join('\n\n')
    .concat('\n')
}

/** The rows of a page that {@link pageOf} made. */
export function rowsOf(page: string): PageRow[] {
  return page.split('\n').flatMap((line) => {
    const cells = line.split(' | ').map((cell) =>
      cell
        .replaceAll('\\|', '|')
        .replace(/^\| | \|$/g, '')
        .trim(),
    )
    const [suite = '', what = '', on = '', tried = '', ended = '', profile = '', lost = ''] = cells
    if (!isSuite(suite) || !/^\d+$/.test(lost)) return []
    return [{ suite, what, on, tried, ended, profile, lost: Number(lost) }]
  })
}

export function rowOf(figure: Figure): PageRow {
  const { suite, what, on = '', tried, ended, profile } = figure
  const ways = Object.entries(ended).filter(([, count]) => count > 0)
  return {
    ...{ suite, what, on, profile },
    tried: tried.toLocaleString('en'),
    ended: ways.map(([way, count]) => `${count.toLocaleString('en')} ${way}`).join(', '),
    lost: lostIn(figure),
  }
}

/** What a run adds to a page: a short run leaves the rows of a long one as they are. */
export function merged(before: readonly PageRow[], run: readonly Figure[]): PageRow[] {
  const rows = new Map(before.map((row) => [nameOf(row), row]))
  for (const figure of run) {
    const there = rows.get(nameOf(figure))
    if (there?.profile !== 'long' || figure.profile === 'long') rows.set(nameOf(figure), rowOf(figure))
  }
  return [...rows.values()]
}

function isSuite(text: string): text is Suite {
  return Object.hasOwn(suites, text)
}

/** A table in the form that the formatter leaves alone. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const escaped = rows.map((row) => row.map((cell) => cell.replaceAll('|', '\\|')))
  const widths = head.map((name, column) =>
    Math.max(3, name.length, ...escaped.map((row) => row[column]?.length ?? 0)),
  )
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...escaped.map(line)].join('\n')
}
