import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { aliasIn, type Declared, interfacesIn, sourcesIn } from './declarations.ts'
import { root } from './sources.ts'
import { table } from './table.ts'

/** The options of every public interface that is called so, package by package, with what its comments say. */
export function optionsPage(): string {
  const packages = ['apps', 'packages'].flatMap((group) =>
    readdirSync(join(root, group)).map((name) => ({ name, folder: `${group}/${name}` })),
  )
  const parts = packages.flatMap(({ name, folder }) => {
    const report = join(root, `docs/api/${name}.api.md`)
    if (!existsSync(report)) return []
    const api = readFileSync(report, 'utf8')
    const offered = interfacesIn(sourcesIn(join(root, folder, 'src'))).filter(
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

const optionsOf = ({ name, says, members, ...base }: Declared): string[] => [
  `### ${name}`,
  ...(says === '' ? [] : [says]),
  ...base.extends.map((other) => `It also has the options of ${code(other)}.`),
  table([
    ['Option', 'Type', 'Meaning'],
    ...members.map((each) => [`\`${each.name}\``, code(each.type), each.says]),
  ]),
]

/** The events of the plugin, with what they carry, and those of the operations of core. */
export function eventsPage(): string {
  const files = ['plugin-adapter', 'core'].flatMap((name) => sourcesIn(join(root, 'packages', name, 'src')))
  const interfaces = new Map(interfacesIn(files).map((each) => [each.name, each]))
  const events = interfaces.get('BackupEvents')
  const operations = aliasIn(files, 'BackupEvent')
  if (events === undefined || operations === undefined) throw new Error('The events were not found')
  const named = namesIn([...events.members.map(({ type }) => type), operations], interfaces)
  return [
    '# Events',
    'The plugin tells its own listeners and those of the database. A listener that throws breaks nothing; it is logged.',
    table([
      ['Event', 'When', 'Payload'],
      ...events.members.map((each) => [`\`${each.name.replaceAll("'", '')}\``, each.says, code(each.type)]),
    ]),
    "## Events of core's operations",
    'The functions of core call `onEvent` with one of these. It is called synchronously; what it throws fails the operation.',
    `\`\`\`ts\n${operations}\n\`\`\``,
    '## What they carry',
    'The types that are named above.',
    ...named.flatMap((name) => payload(name, interfaces.get(name), aliasIn(files, name))),
  ].join('\n\n')
}

/** Types of TypeScript itself. */
const general = new Set(['Pick', 'Partial', 'Omit', 'Readonly', 'Record', 'Date', 'BackupEvent'])

/** The types that texts name, and those that they extend. */
function namesIn(types: readonly string[], interfaces: ReadonlyMap<string, Declared>): string[] {
  const found = new Set<string>()
  const add = (name: string) => {
    if (general.has(name) || found.has(name)) return
    found.add(name)
    for (const each of interfaces.get(name)?.extended ?? []) add(each)
  }
  for (const type of types) for (const name of withoutComments(type).match(/\b[A-Z]\w+/g) ?? []) add(name)
  return [...found].sort()
}

const withoutComments = (text: string) => text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/'[^']*'/g, '')

function payload(name: string, found: Declared | undefined, alias: string | undefined): string[] {
  if (found !== undefined) {
    const more = found.extended.filter((each) => !general.has(each)).map((each) => `\`${each}\``)
    const inherited = more.length === 0 ? [] : [`It also has what ${more.join(' and ')} has.`]
    return [
      `### ${name}`,
      ...(found.says === '' ? [] : [found.says]),
      ...inherited,
      table([
        ['Field', 'Type', 'Meaning'],
        ...found.members.map((each) => [`\`${each.name}\``, code(each.type), each.says]),
      ]),
    ]
  }
  if (alias === undefined) throw new Error(`Nothing declares ${name}, which an event carries`)
  return [`### ${name}`, `\`\`\`ts\n${alias}\n\`\`\``]
}

const code = (type: string) => `\`${type}\``
