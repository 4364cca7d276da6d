import { join } from 'node:path'
import { type Figure, lostIn, nameOf } from './figure.ts'
import { longRuns } from './long-runs.ts'
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
  /** The day and the commit of the run, as {@link seenIn} writes them. */
  readonly seen: string
}

/** When something was run, in UTC, and on which commit. */
export interface Run {
  readonly date: string
  readonly commit: string
}

export function seenIn({ date, commit }: Run): string {
  return `${date}, ${commit}`
}

/** The text of docs/trust.md. */
export function pageOf(rows: readonly PageRow[]): string {
  const order = Object.keys(suites)
  const sorted = rows.toSorted(
    (a, b) => order.indexOf(a.suite) - order.indexOf(b.suite) || (a.what < b.what ? -1 : 1),
  )
  return [
    '# Trust',
    'We tried to make a backup lose something. This page lists what was tried and how it ended. `pnpm test:trust` runs all of\nit and writes this page. The short profile takes minutes and is also part of `pnpm test:all`; `pnpm test:trust --long` tries\nhundreds of times more. A test fails if anything ends in a way that the table does not list, so the last column is 0.',
    lastRuns(rows),
    '## In short',
    table(
      ['suite', 'tried', 'lost', 'what it does'],
      Object.entries(suites).flatMap(([suite, says]) => {
        const its = rows.filter((row) => row.suite === suite)
        if (its.length === 0) return []
        const tried = its.reduce((sum, row) => sum + Number(row.tried.replaceAll(',', '')), 0)
        const lost = its.reduce((sum, row) => sum + row.lost, 0)
        return [[suite, tried.toLocaleString('en'), String(lost), says]]
      }),
    ),
    '## Beside these suites',
    '`.ci/long` runs the long profile and what else takes hours, each part by itself if asked. These are the last runs of the\nother parts:',
    table(
      ['command', 'what', 'how it ended', 'seen'],
      longRuns.map(({ command, what, last }) => [
        ...[`\`${command}\``, what, last?.ended ?? ''],
        last === undefined ? 'not yet' : seenIn(last.run),
      ]),
    ),
    '## What was not tried',
    notTried.map((each) => `- ${each}`).join('\n'),
    '## Everything',
    '"Unchanged": the operation failed and left everything as it was. "Completed": it failed or was killed after its work was\ndone. "Survived": it continued despite the fault.',
    table(
      ['suite', 'what', 'on', 'tried', 'how they ended', 'profile', 'seen', 'lost'],
      sorted.map(({ suite, what, on, tried, ended, profile, seen, lost }) => [
        ...[suite, what, on, tried, ended, profile, seen],
        String(lost),
      ]),
    ),
  ]
    .join('\n\n')
    .concat('\n')
}

/** How many rows are from the long profile, and from which runs. */
function lastRuns(rows: readonly PageRow[]): string {
  const long = rows.filter(({ profile }) => profile === 'long')
  if (long.length === 0) return 'All rows are from the short profile.'
  const share = long.length === rows.length ? 'All rows are' : `${long.length} of ${rows.length} rows are`
  const runs = [...new Set(long.map(({ seen }) => seen))].toSorted()
  return `${share} from the long profile. Its last run (UTC day, commit): ${runs.join('; ')}. Each of these rows names its own.`
}

const notTried = [
  'Amazon S3, Cloudflare R2 and Backblaze B2 themselves. Their answers are simulated; the servers are a small one that belongs to this project, and Ceph.',
  'Power failures. Processes are killed at any step; what a disk does with bytes that it has confirmed is outside these tests.',
  'Defects of s3db.js, Node.js, the AWS SDK, the AWS Encryption SDK and DuckDB beyond what these suites run into.',
  'An attacker who has the key, or who runs code on the machine that makes backups.',
]

/** The rows of a page that {@link pageOf} made. */
export function rowsOf(page: string): PageRow[] {
  return page.split('\n').flatMap((line) => {
    const cells = line.split(' | ').map((cell) =>
      cell
        .replaceAll('\\|', '|')
        .replace(/^\| | \|$/g, '')
        .trim(),
    )
    const [suite = '', what = '', on = '', tried = '', ended = '', profile = '', seen = '', lost = ''] = cells
    if (!isSuite(suite) || !/^\d+$/.test(lost)) return []
    return [{ suite, what, on, tried, ended, profile, seen, lost: Number(lost) }]
  })
}

export function rowOf(figure: Figure, run: Run): PageRow {
  const { suite, what, on = '', tried, ended, profile } = figure
  const ways = Object.entries(ended).filter(([, count]) => count > 0)
  return {
    ...{ suite, what, on, profile },
    seen: seenIn(run),
    tried: tried.toLocaleString('en'),
    ended: ways.map(([way, count]) => `${count.toLocaleString('en')} ${way}`).join(', '),
    lost: lostIn(figure),
  }
}

/** What a run adds to a page: a short run leaves the rows of a long one as they are. */
export function merged(before: readonly PageRow[], figures: readonly Figure[], run: Run): PageRow[] {
  const rows = new Map(before.map((row) => [nameOf(row), row]))
  for (const figure of figures) {
    const there = rows.get(nameOf(figure))
    if (there?.profile !== 'long' || figure.profile === 'long') rows.set(nameOf(figure), rowOf(figure, run))
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
