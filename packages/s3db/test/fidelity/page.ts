import { impossible, impossibleIn } from './impossible.js'
import { behaviors, kinds } from './kinds.js'

/** The documentation page that says what was proved. */
export function fidelityPage(): string {
  const header = ['Attribute', ...behaviors.map((behavior) => `\`${behavior}\``)]
  const rows = kinds.map(({ name }) => [name, ...behaviors.map((behavior) => mark(behavior, name))])
  return `# What comes back exactly as it was

Each ✓ is a test that runs with every change. It makes a database with a resource of that attribute and that
behaviour, inserts generated values with s3db.js, backs the database up, restores the backup into an empty database of
another kind (from \`memory://\` to \`file://\` and from \`file://\` to \`memory://\`), and compares every record twice: the
stored object (metadata, body, content type) and what \`get\` gives must equal the original's.

${table([header, ...rows])}

## What s3db.js does not take

A number marks a cell that s3db.js itself makes impossible. Each is tried in each run: one that starts to work
fails the test.

${impossible.map(({ kind, says, because }, index) => `${index + 1}. **${kind}**: ${because} It says: "${says}".`).join('\n')}

Values that s3db.js changes while it inserts (it trims texts, rounds \`decimal\`, \`embedding\` and \`geo\`, shortens what
\`truncate-data\` cannot hold) come back as it stored them.
`
}

function mark(behavior: (typeof behaviors)[number], kind: string): string {
  const entry = impossibleIn(behavior, kind)
  return entry === undefined ? '✓' : `${impossible.indexOf(entry) + 1}`
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  )
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  const [header = [], ...body] = rows
  return [line(header), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('\n')
}
