import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { root } from './sources.ts'
import { table } from './table.ts'

interface Declared {
  readonly name: string
  readonly says: string
  readonly members: readonly { readonly name: string; readonly type: string; readonly says: string }[]
}

/** The options of every public interface that is called so, package by package, with what its comments say. */
export function optionsPage(): string {
  const packages = ['apps', 'packages'].flatMap((group) =>
    readdirSync(join(root, group)).map((name) => ({ name, folder: `${group}/${name}` })),
  )
  const parts = packages.flatMap(({ name, folder }) => {
    const report = join(root, `docs/api/${name}.api.md`)
    if (!existsSync(report)) return []
    const api = readFileSync(report, 'utf8')
    const offered = interfacesIn(join(root, folder, 'src')).filter(
      (each) =>
        /(Options|Config|Input|Choices)$/.test(each.name) &&
        new RegExp(`interface ${each.name}\\b`).test(api),
    )
    if (offered.length === 0) return []
    return [`## @s3db-backup/${name}`, ...offered.flatMap(optionsOf)]
  })
  return [
    '# Options',
    'Every option of every function and class, written from the types. The [README of each package](/packages/core) explains them in context.',
    ...parts,
  ].join('\n\n')
}

const optionsOf = ({ name, says, members }: Declared): string[] => [
  `### ${name}`,
  ...(says === '' ? [] : [says]),
  table([
    ['Option', 'Type', 'Meaning'],
    ...members.map((each) => [`\`${each.name}\``, code(each.type), each.says]),
  ]),
]

/** The events of the plugin and of the operations of core. */
export function eventsPage(): string {
  const events = interfacesIn(join(root, 'packages/plugin-adapter/src/events')).find(
    ({ name }) => name === 'BackupEvents',
  )
  if (events === undefined) throw new Error('the events of the plugin were not found')
  return [
    '# Events',
    'The plugin tells its own listeners and those of the database. A listener that throws breaks nothing; it is logged.',
    table([
      ['Event', 'When', 'Payload'],
      ...events.members.map((each) => [`\`${each.name.replaceAll("'", '')}\``, each.says, code(each.type)]),
    ]),
    "## Events of core's operations",
    'The functions of core call `onEvent` with one of these. It is called synchronously; what it throws fails the operation.',
    `\`\`\`ts\n${sourceOf('packages/core/src/ports/events.ts', 'BackupEvent')}\n\`\`\``,
  ].join('\n\n')
}

const code = (type: string) => `\`${type}\``

function sourceOf(file: string, name: string): string {
  const source = parsed(join(root, file))
  const found = source.statements.find(
    (statement) => ts.isTypeAliasDeclaration(statement) && statement.name.text === name,
  )
  if (found === undefined) throw new Error(`${name} is not in ${file}`)
  return found.getText(source)
}

const parsed = (file: string) =>
  ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true)

function interfacesIn(folder: string): Declared[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /(?<!\.test)\.tsx?$/.test(name))
    .sort()
    .flatMap((name) => {
      const source = parsed(join(folder, name))
      return source.statements.filter(ts.isInterfaceDeclaration).map((declaration) => ({
        name: declaration.name.text,
        says: commentOf(declaration),
        members: declaration.members.flatMap((member) =>
          (ts.isPropertySignature(member) || ts.isMethodSignature(member)) && member.name !== undefined
            ? [
                {
                  name: member.name.getText(source),
                  type: oneLine(
                    ts.isPropertySignature(member)
                      ? (member.type?.getText(source) ?? 'unknown')
                      : member.getText(source),
                  ).replace(/ \| undefined$/, ''),
                  says: commentOf(member),
                },
              ]
            : [],
        ),
      }))
    })
}

function commentOf(node: ts.Node): string {
  const text = ts
    .getJSDocCommentsAndTags(node)
    .filter(ts.isJSDoc)
    .map(({ comment }) => ts.getTextOfJSDocComment(comment) ?? '')
    .join(' ')
  return oneLine(text.replaceAll(/\{@link (\w+)\}/g, '`$1`'))
}

const oneLine = (text: string) =>
  text
    .replaceAll(/\/\*\*?[\s\S]*?\*\//g, '')
    .replaceAll(/\s+/g, ' ')
    .trim()
