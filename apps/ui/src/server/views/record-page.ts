import type { OpenedBackup, Row } from '@s3db-backup/core'
import { leastLost } from '@s3db-backup/core/internal'
import type { RecordPage } from '../../api/records.js'

/** A request reads this many records, or for this long, in ms, and returns how to continue. */
const scan = { records: 20_000, time: 3_000 }
/** Characters of a cell. */
const cellLength = 120
const columnsShown = 40

/** The records of a page. */
export interface RecordPageQuery {
  readonly resource: string
  /** The id to begin at; the first if left out. */
  readonly from?: string | undefined
  /** Records on a page. */
  readonly limit: number
  /** A field, and a text that its value holds in any case; without a field, any value. */
  readonly field?: string | undefined
  readonly holds?: string | undefined
}

/** A page of records as a table, read where they lie. `next` is the id to continue at; `null` at the end. */
export async function recordPageOf(
  opened: OpenedBackup,
  { resource: name, from, limit, field, holds }: RecordPageQuery,
  signal: AbortSignal,
): Promise<RecordPage> {
  const until = Date.now() + scan.time
  const wanted = holds?.toLowerCase()
  const rows: Row[] = []
  let [scanned, next]: [number, string | null] = [0, null]
  for await (const row of opened.records(name, { ...(from === undefined ? {} : { from }), signal })) {
    if (rows.length >= limit || scanned >= scan.records || (scanned > 0 && Date.now() > until)) {
      next = row.id
      break
    }
    scanned += 1
    if (wanted === undefined || wanted === '' || isMatch(row, field, wanted)) rows.push(row)
  }
  const entry = Object.hasOwn(opened.manifest.resources, name) ? opened.manifest.resources[name] : undefined
  const columns = columnsOf(Object.keys(entry?.attributes ?? {}), rows)
  return {
    columns,
    rows: rows.map((row) => ({
      id: row.id,
      cells: columns.map((column) => (Object.hasOwn(row, column) ? cellOf(row[column]) : null)),
    })),
    next,
    scanned,
    total: entry?.totalCount ?? 0,
    lost: entry === undefined ? 0 : leastLost(entry),
  }
}

function columnsOf(attributes: readonly string[], rows: readonly Row[]): string[] {
  const names = new Set(attributes)
  for (const row of rows) for (const name of Object.keys(row)) names.add(name)
  names.delete('id')
  return [...names].slice(0, columnsShown)
}

function isMatch(row: Row, field: string | undefined, wanted: string): boolean {
  const values =
    field === undefined || field === '' ? Object.values(row) : Object.hasOwn(row, field) ? [row[field]] : []
  return values.some((value) => textOf(value).toLowerCase().includes(wanted))
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
}

function cellOf(value: unknown): string {
  const text = textOf(value)
  return text.length > cellLength ? `${text.slice(0, cellLength)}…` : text
}
