import { identifier } from '../sql/quote.js'
import type { Table, TableColumn } from '../tables.js'
import type { CheckedExport, ExportFormat } from './export-options.js'

/** DuckDB's options for COPY. */
export const copyOptions: Readonly<Record<ExportFormat, string>> = {
  parquet: 'FORMAT parquet, COMPRESSION zstd',
  csv: 'FORMAT csv, HEADER true',
  jsonl: 'FORMAT json, ARRAY false',
}

/**
 * The query of an export. A condition ends with its line, so that a comment in it does not take the bracket along;
 * whether all of it is one SELECT is looked at where it runs.
 */
export function exportSql(
  { name, columns }: Table,
  { format, where, neutralizeFormulas }: CheckedExport,
): string {
  const neutral = format === 'csv' && neutralizeFormulas
  const shown = columns.map(
    (column) =>
      `${shownAs(column, format, neutral)} AS ${identifier(neutral ? neutralText(column.name) : column.name)}`,
  )
  const condition = where === undefined ? '' : ` WHERE (\n${where}\n)`
  return `SELECT ${shown.join(', ')} FROM (SELECT * FROM ${identifier(name)}${condition})`
}

function shownAs({ name, type }: TableColumn, format: ExportFormat, neutral: boolean): string {
  const column = identifier(name)
  // Parquet has a type for times; in texts they are ISO 8601, as they are stored.
  if (format !== 'parquet' && type === 'TIMESTAMP') return `strftime(${column}, '%Y-%m-%dT%H:%M:%S.%gZ')`
  // DuckDB's own text of a list is not JSON: [true, 'a, b', NULL].
  if (format === 'csv' && type.endsWith('[]'))
    return `CASE WHEN ${column} IS NOT NULL THEN CAST(to_json(${column}) AS VARCHAR) END`
  if (!neutral || (type !== 'VARCHAR' && type !== 'JSON')) return column
  return `CASE WHEN regexp_matches(${column}, '^[=+\\-@\\t\\r]') THEN '''' || ${column} ELSE ${column} END`
}

function neutralText(text: string): string {
  return /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
}
