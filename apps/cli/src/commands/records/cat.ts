import type { OpenedBackup, RecordsOptions, Row } from '@s3db-backup/core'
import { type Command, Option } from 'commander'
import { namingDeleted } from '../../access/find-backup.js'
import { idsFrom } from '../../access/ids-from.js'
import { openPlugin } from '../../access/open-plugin.js'
import { resolveId } from '../../access/resolve-id.js'
import { names, type PlaceOptions, withPlace, withPlain } from '../../config/options.js'
import { readSettings } from '../../config/settings.js'
import type { Session } from '../../session.js'
import { csvLine } from '../../terminal/formats/csv.js'
import { writeJsonArray } from '../../terminal/formats/json-array.js'
import { warnIfIncomplete } from '../../terminal/incomplete.js'
import type { Terminal } from '../../terminal/terminal.js'

type Format = 'jsonl' | 'json' | 'csv'

interface CatOptions extends PlaceOptions {
  readonly allowPlain?: boolean | undefined
  readonly ids?: string[] | undefined
  readonly idsFrom?: string | undefined
  readonly from?: string | undefined
  readonly to?: string | undefined
  readonly fields?: string[] | undefined
  readonly format?: Format | undefined
  readonly neutralize?: boolean | undefined
}

const examples = `
Every byte is compared with its hash before it is printed. Nothing is restored.

Examples:
  s3db-backup cat latest users | jq .email
  s3db-backup cat latest users --ids u42,u43
  s3db-backup cat full-2024-03 orders --from 2024-01 --to 2024-02 \\
    --fields total,status
  s3db-backup cat latest users --format csv --neutralize > users.csv`

export function catCommand(command: Command, session: Session): void {
  command.argument('<id>', 'the backup').argument('<resource>', 'the resource')
  withPlain(withPlace(command))
    .option('--ids <ids>', 'only these records', names)
    .addOption(
      new Option(
        '--ids-from <file>',
        'only the records whose ids are in this file, or on stdin (-)',
      ).conflicts('ids'),
    )
    .option('--from <id>', 'only records with this id or a later one')
    .option('--to <id>', 'only records with an earlier id')
    .option('--fields <names>', 'only these fields, and the id', names)
    .addOption(
      new Option('--format <format>', 'jsonl, json or csv (default: jsonl)').choices([
        'jsonl',
        'json',
        'csv',
      ]),
    )
    .option('--neutralize', 'csv: put an apostrophe before cells that a spreadsheet would run as a formula')
    .addHelpText('after', examples)
    .action((id: string, resource: string, options: CatOptions) => cat(session, { id, resource }, options))
}

/** `s3db-backup cat <id> <resource>`: the records of a resource, from the backup itself. Needs no database. */
export async function cat(
  { terminal, signal }: Session,
  given: { readonly id: string; readonly resource: string },
  options: CatOptions,
): Promise<void> {
  const ids = options.idsFrom === undefined ? options.ids : await idsFrom(options.idsFrom, terminal.input)
  const { from, to, fields, format = terminal.json ? 'json' : 'jsonl' } = options
  const plugin = openPlugin(await readSettings(options, terminal))
  const id = await resolveId(plugin, given.id)
  await namingDeleted(plugin, async () => {
    const backup = await plugin.open(id, { allowPlain: options.allowPlain === true, signal })
    warnIfIncomplete(terminal, backup)
    const which = { ids, from, to, fields, signal }
    const missing = new Set(ids)
    await writers[format]({
      terminal,
      backup,
      which,
      resource: given.resource,
      neutralize: options.neutralize === true,
      missing,
    })
    if (!terminal.unread) warnOfMissing(terminal, given.resource, missing)
  })
}

interface Writing {
  readonly terminal: Terminal
  readonly backup: OpenedBackup
  readonly resource: string
  readonly which: RecordsOptions
  readonly neutralize: boolean
  /** The ids that were asked for and have not come yet. */
  readonly missing: Set<unknown>
}

/** A misspelled id is not to look like a record without content. */
function warnOfMissing(terminal: Terminal, resource: string, missing: ReadonlySet<unknown>): void {
  if (missing.size === 0) return
  const first = [...missing].slice(0, 5).map((id) => JSON.stringify(id))
  const more = missing.size > first.length ? ` and ${missing.size - first.length} more` : ''
  terminal.warn({
    message: `Not in this backup of ${resource}: ${first.join(', ')}${more}`,
    suggestion: "Check the ids; 's3db-backup find' and 'history' say which backups have a record.",
  })
}

async function* marking(records: AsyncIterable<Row>, missing: Set<unknown>): AsyncGenerator<Row> {
  for await (const row of records) {
    missing.delete(row.id)
    yield row
  }
}

/** The ids in the lines that are complete; a chunk may end within one. */
function idReader(): (chunk: Uint8Array) => unknown[] {
  const decoder = new TextDecoder()
  let rest = ''
  return (chunk) => {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    return lines.map((line) => JSON.parse(line).id)
  }
}

const writers: Readonly<Record<Format, (writing: Writing) => Promise<void>>> = {
  async jsonl({ terminal, backup, resource, which, missing }) {
    const idsIn = idReader()
    for await (const lines of backup.lines(resource, which)) {
      if (terminal.unread) return
      if (missing.size > 0) for (const id of idsIn(lines)) missing.delete(id)
      await terminal.write(lines)
    }
  },
  json: ({ terminal, backup, resource, which, missing }) =>
    writeJsonArray(terminal, marking(backup.records(resource, which), missing)),
  async csv({ terminal, backup, resource, which, neutralize, missing }) {
    const columns = columnsOf(backup, resource, which)
    const leftOut = new Set<string>()
    let head = `${csvLine(columns, { neutralize })}\r\n`
    for await (const row of marking(backup.records(resource, which), missing)) {
      if (terminal.unread) return
      const cells = columns.map((name) => (Object.hasOwn(row, name) ? row[name] : undefined))
      await terminal.write(`${head}${csvLine(cells, { neutralize })}\r\n`)
      head = ''
      for (const name of otherFields(row, columns)) leftOut.add(name)
    }
    if (head !== '') await terminal.write(head)
    if (leftOut.size > 0)
      terminal.note(
        `Left out, because the resource does not define them: ${[...leftOut].join(', ')}. Name them with --fields.`,
      )
  },
}

/** The requested fields, or those that the resource defines; the id first. */
function columnsOf({ manifest }: OpenedBackup, resource: string, { fields }: RecordsOptions): string[] {
  const entry = Object.hasOwn(manifest.resources, resource) ? manifest.resources[resource] : undefined
  const defined = [
    ...Object.keys(entry?.attributes ?? {}),
    ...(entry?.timestamps === true ? ['createdAt', 'updatedAt'] : []),
  ]
  return [...new Set(['id', ...(fields ?? defined)])]
}

function otherFields(row: Row, columns: readonly string[]): string[] {
  return Object.keys(row).filter((name) => !columns.includes(name))
}
