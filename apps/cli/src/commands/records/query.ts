import { BackupError } from '@s3db-backup/core'
import type { BackupPlugin } from '@s3db-backup/plugin'
import type { Batches, QueryRow } from '@s3db-backup/query'
import { type Command, Option } from 'commander'
import { namingDeleted } from '../../access/find-backup.js'
import { openPlugin } from '../../access/open-plugin.js'
import { resolveId } from '../../access/resolve-id.js'
import { length, type PlaceOptions, wholeNumber, withPlace, withPlain } from '../../config/options.js'
import { readSettings } from '../../config/settings.js'
import type { Session } from '../../session.js'
import { csvLine } from '../../terminal/formats/csv.js'
import { distinctNames } from '../../terminal/formats/distinct-names.js'
import { writeJsonArray } from '../../terminal/formats/json-array.js'
import { warnIfIncomplete } from '../../terminal/incomplete.js'
import { asInstalled } from '../../terminal/install-words.js'
import { table } from '../../terminal/layout.js'
import type { Terminal } from '../../terminal/terminal.js'
import { count } from '../../terminal/units.js'

type Format = 'table' | 'jsonl' | 'json' | 'csv'

interface QueryOptions extends PlaceOptions {
  readonly allowPlain?: boolean | undefined
  readonly at?: string | undefined
  readonly format?: Format | undefined
  readonly neutralize?: boolean | undefined
  readonly timeout?: number | undefined
  readonly memory?: number | undefined
}

const examples = `
The resources of the backup are tables. Needs DuckDB:
${asInstalled('npm install @duckdb/node-api')}

Examples:
  s3db-backup query latest "SELECT city, count(*) FROM users GROUP BY city"
  s3db-backup query --at 2026-11-24T12:00:00Z "SELECT max(total) FROM orders"
  s3db-backup query latest "SELECT * FROM users" --format csv > users.csv`

export function queryCommand(command: Command, session: Session): void {
  command.argument('<words...>', 'the backup and one SELECT; with --at the SELECT alone')
  withPlain(withPlace(command))
    .option('--at <time>', 'the newest backup of this time or earlier, ISO 8601 with a zone')
    .addOption(
      new Option(
        '--format <format>',
        'table, jsonl, json or csv (default: table on a terminal, else jsonl)',
      ).choices(['table', 'jsonl', 'json', 'csv']),
    )
    .option('--neutralize', 'csv: put an apostrophe before cells that a spreadsheet would run as a formula')
    .option('--timeout <length>', 'time limit (default: 5min)', length)
    .option('--memory <MiB>', 'how much memory it may use, in MiB (default: 1024)', wholeNumber)
    .addHelpText('after', examples)
    .action((words: string[], options: QueryOptions) => query(session, words, options))
}

/** `s3db-backup query <id> "<sql>"`: runs SQL over a backup in place. Needs no database. */
export async function query(
  session: Session,
  words: readonly string[],
  options: QueryOptions,
): Promise<void> {
  const { terminal, signal } = session
  const plugin = openPlugin(await readSettings(options, terminal))
  const { id, sql } = await meant(plugin, words, options)
  await namingDeleted(plugin, async () => {
    const backup = await plugin.query(id, {
      allowPlain: options.allowPlain === true,
      timeout: options.timeout,
      memoryLimit: options.memory === undefined ? undefined : options.memory * 2 ** 20,
      signal,
    })
    try {
      warnIfIncomplete(terminal, backup)
      const { columns, batches } = await backup.query(sql, { signal })
      const { format = terminal.json ? 'json' : terminal.width === undefined ? 'jsonl' : 'table' } = options
      const result = { terminal, names: columns.map(({ name }) => name), batches }
      await writers[format](result, options.neutralize === true)
    } finally {
      await backup.close()
    }
  })
}

/** The backup and the SQL. */
async function meant(
  plugin: BackupPlugin,
  [first, second, ...more]: readonly string[],
  { at, allowPlain }: QueryOptions,
): Promise<{ readonly id: string; readonly sql: string }> {
  if (first === undefined || more.length > 0 || (at === undefined) === (second === undefined))
    throw new BackupError(
      'invalid_options',
      'Give a backup and one SELECT in quotes, or --at and the SELECT',
      {
        operation: 'open',
        suggestion: 's3db-backup query latest "SELECT count(*) FROM users"',
      },
    )
  if (at === undefined || second !== undefined)
    return { id: await resolveId(plugin, first), sql: second ?? '' }
  const { id } = await plugin.open({ at }, { allowPlain: allowPlain === true })
  return { id, sql: first }
}

interface Result {
  readonly terminal: Terminal
  readonly names: readonly string[]
  readonly batches: Batches
}

const writers: Readonly<Record<Format, (result: Result, neutralize: boolean) => Promise<void>>> = {
  async jsonl({ terminal, names, batches }) {
    const distinct = distinctNames(names)
    for await (const rows of batches) {
      if (terminal.unread) return
      await terminal.write(rows.map((row) => `${JSON.stringify(named(distinct, row))}\n`).join(''))
    }
  },
  json: ({ terminal, names, batches }) => writeJsonArray(terminal, objects(names, batches)),
  async csv({ terminal, names, batches }, neutralize) {
    await terminal.write(`${csvLine(names, { neutralize })}\r\n`)
    for await (const rows of batches) {
      if (terminal.unread) return
      await terminal.write(rows.map((row) => `${csvLine(row, { neutralize })}\r\n`).join(''))
    }
  },
  async table({ terminal, names, batches }) {
    const shown: string[][] = []
    let more = 0
    for await (const rows of batches)
      for (const row of rows)
        if (shown.length < mostShown) shown.push(row.map(cellOf))
        else more += 1
    const columns = names.map((title) => ({ title }))
    terminal.print(table(columns, shown, { width: undefined, head: terminal.colors.bold }))
    if (more > 0) terminal.note(`${count(more)} more rows; --format jsonl or csv prints all of them`)
  },
}

/** Rows that a table on the screen has, at most: it is put together before it is shown. */
const mostShown = 1000

async function* objects(names: readonly string[], batches: Batches): AsyncGenerator<object> {
  const distinct = distinctNames(names)
  for await (const rows of batches) for (const row of rows) yield named(distinct, row)
}

function named(names: readonly string[], row: QueryRow): object {
  return Object.fromEntries(names.map((name, index) => [name, row[index] ?? null]))
}

function cellOf(value: unknown): string {
  if (value === null || value === undefined) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}
