import ts from 'typescript'

/** What a package offers, from its built declarations: without comments, so that only changes of the API show. */
export function apiReport(name: string, declarations: string): string {
  const source = ts.createSourceFile('index.d.ts', declarations, ts.ScriptTarget.Latest, true)
  const text = ts.createPrinter({ removeComments: true }).printFile(source)
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('//#'))
  return [
    `# API of ${name}`,
    'Written from the built declarations by `vitest run tooling/docs/api-report.test.ts --update`. A change here is a change for\nthose who use the package: it wants a changeset.',
    `\`\`\`text\n${lines.join('\n')}\n\`\`\``,
  ]
    .join('\n\n')
    .concat('\n')
}
