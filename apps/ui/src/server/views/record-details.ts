import type { OpenedBackup, Row } from '@s3db-backup/core'
import type { RecordDetails } from '../../api/records.js'

/** A record that is longer is cut, in characters of JSON. */
const longestRecord = 500_000
const longestField = 20_000
const mostFields = 500

/** A record, field by field. */
export function recordDetailsOf(opened: OpenedBackup, name: string, row: Row | undefined): RecordDetails {
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
