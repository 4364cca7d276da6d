import type { ResourceEntry } from '@s3db-backup/core'
import { keepingChain, type Link } from '@s3db-backup/core/internal'
import { columnsOf } from './columns/columns.js'
import { uniqueNames } from './columns/unique-names.js'
import { tableView, unreadView } from './sql/table-view.js'
import { type StagedResource, stageResource } from './staging/stage-resource.js'
import { mostHeld } from './staging/superseded.js'

/** A resource as SQL sees it. */
export interface Table {
  /** Its name in SQL. */
  readonly name: string
  readonly resource: string
  /** How many records it has at this moment. */
  readonly records: number
  readonly columns: readonly TableColumn[]
}

export interface TableColumn {
  /** Its name in SQL. */
  readonly name: string
  /** Its type in DuckDB. One whose values are not all of the declared type is JSON once the table was read. */
  readonly type: string
  /** The field of a record that it shows; `null` for the column of the fields that the definition does not name. */
  readonly field: string | null
}

/** The tables that a process opens. */
export interface OpenTables {
  /** Statements that make them. */
  readonly views: readonly string[]
  readonly files: readonly string[]
  /** The part that each file was made of. */
  readonly partOf: ReadonlyMap<string, string>
  /** How many tables were read. */
  readonly read: number
}

/** The tables of a chain; each is read, checked and written into the private folder when it is first needed. */
export function tablesOf(chain: readonly Link[], folder: string, held = mostHeld) {
  const entries = Object.values(chain.at(-1)?.manifest.resources ?? {})
  const names = uniqueNames(entries.map(({ name }) => name))
  const tables = entries.map((entry, index) => ({ name: names[index] ?? entry.name, entry }))
  const staged = new Map<string, StagedResource>()
  const staging = new Map<string, Promise<void>>()
  let files = 0
  const nextName = () => `${++files}.jsonl`

  async function stage(entry: ResourceEntry): Promise<void> {
    const work = () => stageResource({ chain, entry, folder, nextName, mostHeld: held })
    staged.set(entry.name, await keepingChain(chain, { name: 'query', operation: 'download' }, work))
  }

  async function read(entry: ResourceEntry): Promise<void> {
    if (staged.has(entry.name)) return
    const begun = staging.get(entry.name) ?? stage(entry).finally(() => staging.delete(entry.name))
    staging.set(entry.name, begun)
    await begun
  }

  const isNamed = (names: Iterable<string>) => {
    const wanted = new Set([...names].map((name) => name.toLowerCase()))
    return ({ name }: { readonly name: string }) => wanted.has(name.toLowerCase())
  }

  return {
    /** What there is, the ones that were read with the types that they have. */
    list: (): Table[] =>
      tables.map(({ name, entry }) => ({
        name,
        resource: entry.name,
        records: entry.totalCount,
        columns: (staged.get(entry.name)?.columns ?? columnsOf(entry)).map((column) => ({
          name: column.name,
          type: column.type,
          field: column.field,
        })),
      })),

    /** Reads the tables of these names in SQL that were not read yet; all of them without names. */
    async read(names?: readonly string[]): Promise<void> {
      const wanted = names === undefined ? () => true : isNamed(names)
      for (const table of tables) if (wanted(table)) await read(table.entry)
    },

    /**
     * Starts to read the first table that the SQL seems to name, before the SQL is parsed. A failure is reported once
     * the table is needed.
     */
    foresee(sql: string): void {
      const [, quoted, plain] = /\bfrom\s+(?:"([^"]+)"|(\w+))/i.exec(sql) ?? []
      const table = tables.find(isNamed([quoted ?? plain ?? '']))
      if (table !== undefined) read(table.entry).catch(() => undefined)
    },

    open(): OpenTables {
      const read = [...staged.values()]
      return {
        views: tables.flatMap(({ name, entry }) => {
          const resource = staged.get(entry.name)
          return resource === undefined ? unreadView(name, columnsOf(entry)) : [tableView(name, resource)]
        }),
        files: read.flatMap(({ partOf }) => [...partOf.keys()]),
        read: read.length,
        partOf: new Map(read.flatMap(({ partOf }) => [...partOf])),
      }
    },

    /** Resolves once nothing is being read any more, however that ended. */
    settled: async () => {
      await Promise.allSettled(staging.values())
    },

    /** Whether every table was read. */
    isWhole: () => staged.size === tables.length,
  }
}

export type Tables = ReturnType<typeof tablesOf>
