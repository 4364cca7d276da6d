import { BackupError, type OpenedBackup, type Row } from '@s3db-backup/core'
import { leastLost } from '@s3db-backup/core/internal'
import type { Hono } from 'hono'
import * as z from 'zod'
import {
  type RecordDetails,
  type RecordHistory,
  type RecordPage,
  recordDetails,
  recordHistory,
  recordPage,
  resourceList,
} from '../../api/records.js'
import { answer, problemOf, queryOf } from '../answer.js'
import type { Page } from '../page.js'
import { fieldChanges } from '../views/field-changes.js'
import type { Visit } from '../visit.js'
import { wanted } from '../wanted.js'

const backup = z.string().min(1).max(200)
const resource = z.string().max(1024)
const pageQuery = z.object({
  backup,
  resource,
  from: z.string().max(2048).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  /** A field, and a text that its value holds; without a field, any value. */
  field: z.string().max(1024).optional(),
  holds: z.string().max(1024).optional(),
})
const recordQuery = z.object({ backup, resource, id: z.string().max(2048) })

/** Records, read where they lie. */
export function recordRoutes(app: Hono<Visit>, page: Page): void {
  const { opened, redactor } = page
  app.get('/api/resources', async (context) => {
    const { backup: id } = queryOf(context, z.object({ backup }))
    const found = await opened(id)
    return answer(context, redactor, resourceList, {
      backup: found.id,
      at: found.manifest.exportedAt,
      resources: found.resources().map((one) => ({ ...one })),
    })
  })

  app.get('/api/records', async (context) => {
    const query = queryOf(context, pageQuery)
    const shown = await pageOf(await opened(query.backup), query, wanted(context, page))
    return context.json(recordPage.parse(shown))
  })

  app.get('/api/record', async (context) => {
    const { backup: id, resource: name, id: record } = queryOf(context, recordQuery)
    const found = await opened(id)
    const row = await found.get(name, record, { signal: wanted(context, page) })
    return context.json(recordDetails.parse(detailsOf(found, name, row)))
  })

  app.get('/api/history', async (context) => {
    const { backup: id, resource: name, id: record } = queryOf(context, recordQuery)
    const versions = await historyOf({ opened, signal: wanted(context, page) }, await opened(id), {
      resource: name,
      id: record,
    })
    return context.json(recordHistory.parse(versions))
  })
}

/** A request reads this many records, or for this long, in ms, and returns how to continue. */
const scan = { records: 20_000, time: 3_000 }
const cellLength = 120
const columnsShown = 40

async function pageOf(
  opened: OpenedBackup,
  { resource: name, from, limit, field, holds }: z.output<typeof pageQuery>,
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

/** A record that is longer is cut, in characters of JSON. */
const longestRecord = 500_000
const longestField = 20_000
const mostFields = 500

function detailsOf(opened: OpenedBackup, name: string, row: Row | undefined): RecordDetails {
  if (row === undefined) return { found: false, fields: [], json: '', cut: false, bytes: 0 }
  const attributes = opened.manifest.resources[name]?.attributes ?? {}
  const json = JSON.stringify(row, null, 2)
  const fields: RecordDetails['fields'] = []
  let told = 0
  for (const [field, value] of Object.entries(row)) {
    const text = JSON.stringify(value) ?? 'null'
    const room = told < longestRecord ? longestField : 0
    const shown = text.length > room ? `${text.slice(0, room)}…` : text
    const type = Object.hasOwn(attributes, field) ? typeOf(attributes[field]) : jsonType(value)
    fields.push({ name: field, type, json: shown })
    told += field.length + shown.length
    if (fields.length >= mostFields) break
  }
  return {
    found: true,
    fields,
    json: json.slice(0, longestRecord),
    cut: json.length > longestRecord,
    bytes: Buffer.byteLength(json),
  }
}

/** `string|required` as s3db.js writes it, or what an object holds. */
function typeOf(attribute: unknown): string {
  if (typeof attribute === 'string') return attribute
  const type: unknown =
    typeof attribute === 'object' && attribute !== null && Object.hasOwn(attribute, 'type')
      ? Reflect.get(attribute, 'type')
      : undefined
  return typeof type === 'string' ? type : 'object'
}

function jsonType(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'array' : typeof value
}

const versionsShown = 100
/** The limit for all their fields together, in characters. */
const longestHistory = 1_000_000

async function historyOf(
  { opened, signal }: Pick<Page, 'opened' | 'signal'>,
  backup: OpenedBackup,
  { resource: name, id }: { readonly resource: string; readonly id: string },
): Promise<RecordHistory> {
  const versions: RecordHistory['versions'] = []
  let before: Row | undefined
  let told = 0
  for await (const { backupId, exportedAt, change, error } of backup.history(name, id)) {
    signal.throwIfAborted()
    if (versions.length >= versionsShown || told > longestHistory) return { versions, cut: true }
    const about = { backup: backupId, at: exportedAt, change }
    if (change === 'unreadable') {
      versions.push({ ...about, fields: [], error: error === undefined ? null : problemOf(error) })
      continue
    }
    try {
      const now =
        change === 'gone' ? undefined : await rowOf(await opened(backupId), { resource: name, id }, signal)
      const fields = fieldChanges(before, now)
      versions.push({ ...about, fields, error: null })
      told += JSON.stringify(fields).length
      before = now
    } catch (problem) {
      if (!(problem instanceof BackupError)) throw problem
      versions.push({ ...about, fields: [], error: problemOf(problem) })
    }
  }
  return { versions, cut: false }
}

/** The record as a backup has it; nothing where the backup does not even have its resource. */
async function rowOf(
  backup: OpenedBackup,
  { resource: name, id }: { readonly resource: string; readonly id: string },
  signal: AbortSignal,
): Promise<Row | undefined> {
  return Object.hasOwn(backup.manifest.resources, name) ? backup.get(name, id, { signal }) : undefined
}
