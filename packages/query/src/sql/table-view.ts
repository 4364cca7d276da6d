import type { Column } from '../columns/columns.js'
import type { StagedLink, StagedResource } from '../staging/stage-resource.js'
import { identifier, literal } from './quote.js'

/**
 * A table as a view of the verified files. Of each backup of the chain it shows the rows whose ids occur in no later
 * one, neither among its rows nor among its deletions.
 */
export function tableView(name: string, { columns, links, longestLine }: StagedResource): string {
  const shown = columns.map((column) => `${identifier(column.key)} AS ${identifier(column.name)}`).join(', ')
  const read = (files: readonly string[], some: readonly Column[]) => readJson(files, some, longestLine)
  const idOf = columns.slice(0, 1)
  const id = identifier('id')
  const selects = links.flatMap((link, index) => {
    if (link.rows.length === 0) return []
    const later = links.slice(index + 1).flatMap(filesOf)
    const rows = `SELECT ${shown} FROM ${read(link.rows, columns)} AS link`
    if (later.length === 0) return [rows]
    // Ids are never null, so NOT IN is what it seems; an anti join is planned the wrong way round, as nobody knows sizes.
    return [`${rows} WHERE ${id} NOT IN (SELECT ${id} FROM ${read(later, idOf)})`]
  })
  const body = selects.length === 0 ? nothing(columns) : selects.join('\nUNION ALL\n')
  return `CREATE VIEW ${identifier(name)} AS ${body}`
}

/** Stands for a table whose parts were not read: its columns can be asked for, its records cannot. */
export function unreadView(name: string, columns: readonly Column[]): string {
  const refusal = literal(`${unreadTable} ${name}`)
  return `CREATE VIEW ${identifier(name)} AS ${nothing(columns, `error(${refusal}) IS NULL`)}`
}

/** How the error of a table begins whose parts were not read. */
export const unreadTable = 'The table was not read:'

function nothing(columns: readonly Column[], where = 'false'): string {
  const nulls = columns.map(({ name, type }) => `NULL::${type} AS ${identifier(name)}`).join(', ')
  return `SELECT ${nulls} FROM (VALUES (1)) WHERE ${where}`
}

function filesOf({ rows, deleted }: StagedLink): string[] {
  return [...rows, ...deleted]
}

function readJson(files: readonly string[], columns: readonly Column[], longestLine: number): string {
  const types = columns.map(({ key, type }) => `${literal(key)}: ${literal(type)}`).join(', ')
  // DuckDB holds two of these for each thread.
  const largest = Math.max(2 * longestLine + 1024, 2 ** 20)
  return `read_json([${files.map(literal).join(', ')}], format = 'newline_delimited', columns = {${types}}, maximum_object_size = ${largest})`
}
