import ts from 'typescript'

/** What a package offers, from its built declarations: without comments, so that only changes of the API show. */
export function apiReport(name: string, declarations: string): string {
  const source = ts.createSourceFile('index.d.ts', declarations, ts.ScriptTarget.Latest, true)
  const { transformed } = ts.transform(source, [inOneOrder])
  const printer = ts.createPrinter({ removeComments: true })
  const text = transformed.map((file) => printer.printFile(file)).join('\n')
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('//#'))
  return [
    `# API of ${name}`,
    'Written from the built declarations by `vitest run tooling/docs/api-report.test.ts --update`. A change here is a change for\nthose who use the package: it wants a changeset.',
    `\`\`\`text\n${lines.join('\n')}\n\`\`\``,
  ]
    .join('\n\n')
    .concat('\n')
}

/**
 * Sorts the members of object types and of unions: the compiler prints those that it inferred in the order in which it
 * came across them, which is not the same each time.
 */
const inOneOrder: ts.TransformerFactory<ts.SourceFile> = (context) => (file) => {
  const printer = ts.createPrinter({ removeComments: true })
  const textOf = (node: ts.Node) => printer.printNode(ts.EmitHint.Unspecified, node, file)
  const sorted = <T extends ts.Node>(nodes: readonly T[]) =>
    nodes
      .map((node) => ({ node, text: textOf(node) }))
      .sort((a, b) => (a.text < b.text ? -1 : 1))
      .map(({ node }) => node)
  const visit = (node: ts.Node): ts.Node => {
    const visited = ts.visitEachChild(node, visit, context)
    if (ts.isTypeLiteralNode(visited)) return context.factory.createTypeLiteralNode(sorted(visited.members))
    if (ts.isUnionTypeNode(visited)) return context.factory.createUnionTypeNode(sorted(visited.types))
    return visited
  }
  return ts.visitEachChild(file, visit, context)
}
