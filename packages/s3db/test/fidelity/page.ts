import { impossible, impossibleIn } from './impossible.js'
import { behaviors, kinds } from './kinds.js'

/** The documentation page of what these tests prove. */
export function fidelityPage(): string {
  const header = ['Attribute', ...behaviors.map((behavior) => `\`${behavior}\``)]
  const rows = kinds.map(({ name }) => [name, ...behaviors.map((behavior) => mark(behavior, name))])
  return `# What is restored exactly

Each ✓ is a test that runs with every change. It creates a database with a resource of that attribute and that
behaviour, inserts generated values with s3db.js, backs the database up, restores the backup into an empty database of
another kind (from \`memory://\` to \`file://\` and from \`file://\` to \`memory://\`), and compares every record twice: the
stored object (metadata, body, content type) and the result of \`get\` must equal the original's.

${table([header, ...rows])}

## What s3db.js does not accept

A number marks a cell that s3db.js itself makes impossible. Every run tries each of them: if one starts to work, the
test fails.

${impossible.map(({ kind, says, because }, index) => `${index + 1}. **${kind}**: ${because} Its error: "${says}".`).join('\n')}

s3db.js changes some values when it inserts them: it trims texts, rounds \`decimal\`, \`embedding\` and \`geo\`, and shortens
what \`truncate-data\` cannot hold. They are restored as it stored them.
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
