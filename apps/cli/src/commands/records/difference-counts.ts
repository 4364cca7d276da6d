import type { BackupError, Difference } from '@s3db-backup/core'
import { table } from '../../terminal/layout.js'
import type { Terminal } from '../../terminal/terminal.js'
import { count } from '../../terminal/units.js'

/** How many records of a resource differ. */
export type Counts = Record<Difference['change'], number>

export function countIn(counts: Map<string, Counts>, { resource, change }: Difference): void {
  const known = counts.get(resource) ?? { added: 0, changed: 0, removed: 0 }
  known[change] += 1
  counts.set(resource, known)
}

interface Summary {
  readonly from: string
  readonly to: string
  readonly counts: ReadonlyMap<string, Counts>
  /** Records of which nothing is known, so that nobody can say that both sides are the same. */
  readonly unknown: BackupError | undefined
}

export function printSummary(terminal: Terminal, { from, to, counts, unknown }: Summary): void {
  if (terminal.json) terminal.document({ from, to, resources: Object.fromEntries(counts) })
  else if (counts.size > 0) printCounts(terminal, counts)
  else if (unknown === undefined) terminal.print('Both contain the same records.')
}

function printCounts(terminal: Terminal, counts: ReadonlyMap<string, Counts>): void {
  const rows = [...counts].map(([name, { added, changed, removed }]) => [
    name,
    count(added),
    count(changed),
    count(removed),
  ])
  const columns = [
    { title: 'Resource' },
    ...['Added', 'Changed', 'Removed'].map((title) => ({ title, align: 'right' as const })),
  ]
  terminal.print(table(columns, rows, { width: terminal.width, head: terminal.colors.bold }))
}
