import type { Column } from '../columns/columns.js'
import type { StagedLink, StagedResource } from '../staging/stage-resource.js'
import { identifier, literal } from './quote.js'

/**
 * A table as a view of the verified files. Most backups were merged when they were written. For one that was not, the
 * view shows the rows whose ids occur in no later backup, neither among its rows nor among its deletions.
 */
export function tableView(name: string, { columns, links, longestLine }: StagedResource): string {
  const shown = columns.map((column) => `${identifier(column.key)} AS ${identifier(column.name)}`).join(', ')
  const read = (files: readonly string[], some: readonly Column[]) => readJson(files, some, longestLine)
  const rowsOf = (files: readonly string[]) =>
    files.length === 0 ? [] : [`SELECT ${shown} FROM ${read(files, columns)} AS link`]
  const idOf = columns.slice(0, 1)
  const id = identifier('id')
  const merged = rowsOf(links.flatMap((link) => (link.isMerged ? link.rows : [])))
  const others = links.flatMap((link, index) => {
    const later = links.slice(index + 1).flatMap(filesOf)
    if (link.isMerged) return []
    if (later.length === 0) return rowsOf(link.rows)
    // Ids are never null, so NOT IN is safe. An anti join would be planned the wrong way round, because the sizes are
    // unknown.
    return rowsOf(link.rows).map(
      (rows) => `${rows} WHERE ${id} NOT IN (SELECT ${id} FROM ${read(later, idOf)})`,
    )
  })
  const selects = [...merged, ...others]
  const body = selects.length === 0 ? nothing(columns) : selects.join('\nUNION ALL\n')
  return `CREATE VIEW ${identifier(name)} AS ${body}`
}

/**
 * Stands for a table whose parts were not read: its columns are known, its records are not. It is a view of a table that
 * is gone, so that SQL which uses it is refused before anything runs, whatever it does with the rows. A view that fails
 * where it is read is not enough: DuckDB does not read what it knows to have no effect, such as a join with `NULL`.
 */
export function unreadView(name: string, columns: readonly Column[]): string[] {
  const gone = identifier(`${unreadTable} ${name}`)
  const types = columns.map((column) => `${identifier(column.name)} ${column.type}`).join(', ')
  return [
    `CREATE TABLE ${gone} (${types})`,
    `CREATE VIEW ${identifier(name)} AS SELECT * FROM ${gone}`,
    `DROP TABLE ${gone}`,
  ]
}

/** How the error of a table begins whose parts were not read. */
export const unreadTable = 'The table was not read:'

function nothing(columns: readonly Column[]): string {
  const nulls = columns.map(({ name, type }) => `NULL::${type} AS ${identifier(name)}`).join(', ')
  return `SELECT ${nulls} WHERE false`
}

function filesOf({ rows, deleted }: StagedLink): string[] {
  return [...rows, ...deleted]
}

function readJson(files: readonly string[], columns: readonly Column[], longestLine: number): string {
  const types = columns.map(({ key, type }) => `${literal(key)}: ${literal(type)}`).join(', ')
  // DuckDB allocates two buffers of this size per thread.
  const largest = Math.max(2 * longestLine + 1024, 2 ** 20)
  return `read_json([${files.map(literal).join(', ')}], format = 'newline_delimited', columns = {${types}}, maximum_object_size = ${largest})`
}
