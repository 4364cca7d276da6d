import { linesHash } from '../../chain/state-hash.js'
import { BackupError } from '../../errors.js'
import { compareIds } from '../../format/compare-ids.js'
import { longestLineEver } from '../../format/lines.js'
import type { JsonValue } from '../../json.js'
import type { Batch, IndexEntry, LostRecord, Row, RowIndexEntry } from '../../ports/source.js'

/** A batch as it is stored: the lines of each kind of part, and what is counted. */
export interface EncodedBatch {
  readonly rows: readonly string[]
  readonly raw: readonly string[]
  /** One for each row, in the same order. */
  readonly marks: readonly IndexEntry[]
  readonly replaced: readonly IndexEntry[]
  /** Records that cannot be stored, in addition to those that the source lost. */
  readonly lost: readonly LostRecord[]
}

/**
 * Makes the lines of a batch. A record that JSON cannot represent, or whose line would be too long to read, is
 * lost by name; the others are kept.
 *
 * Throws `unsupported` for a row without an id, and `internal` for marks and raw forms that are not those of the rows.
 */
export function encodeBatch(batch: Batch, resource: string, longestLine = longestLineEver): EncodedBatch {
  const { rows, raw, replaced = [] } = batch
  checkRaw(batch, resource)
  const marks = givenMarks(batch, resource)
  const encoded = {
    rows: [] as string[],
    raw: [] as string[],
    marks: [] as IndexEntry[],
    lost: [] as LostRecord[],
  }
  for (const [i, row] of rows.entries()) {
    checkId(row, resource)
    const line = lineOf(row, row, longestLine)
    const rawLine = raw?.has(row.id) ? lineOf(rawForm(row, raw.get(row.id)), row, longestLine) : ''
    const problem = typeof line === 'string' ? rawLine : line
    if (typeof line !== 'string' || typeof rawLine !== 'string') {
      encoded.lost.push({ id: row.id, reason: typeof problem === 'string' ? problem : problem.reason })
      continue
    }
    encoded.rows.push(line)
    const { modified = 0, hash = linesHash(line, rawLine === '' ? undefined : rawLine) } = marks?.[i] ?? {}
    encoded.marks.push({ id: row.id, modified, hash })
    if (rawLine !== '') encoded.raw.push(rawLine)
  }
  if (encoded.lost.length === 0) return { ...encoded, replaced }
  const lost = new Set(encoded.lost.map(({ id }) => id))
  return { ...encoded, replaced: replaced.filter(({ id }) => !lost.has(id)) }
}

/**
 * The content hash that core gives a record in the key index: that of its lines. For sources that compare a record with
 * what the parent has of it. Nothing for what cannot be stored.
 */
export function recordHash(row: Row, raw: JsonValue | undefined): string | undefined {
  const line = lineOf(row, row, longestLineEver)
  const rawLine = raw === undefined ? undefined : lineOf(rawForm(row, raw), row, longestLineEver)
  return typeof line === 'string' && typeof rawLine !== 'object' ? linesHash(line, rawLine) : undefined
}

/** Whether all content hashes of a batch are those of the lines. */
export function hashesLines({ marks = [] }: Batch): boolean {
  return marks.every(({ hash }) => hash === undefined)
}

function rawForm({ id }: Row, raw: JsonValue | undefined): object {
  return { id, raw }
}

function lineOf(value: object, row: Row, longestLine: number): string | { readonly reason: string } {
  if ('toJSON' in row && typeof row.toJSON === 'function')
    return { reason: 'it cannot be stored: JSON cannot represent it' }
  try {
    const line = JSON.stringify(value)
    // UTF-8 takes one to three bytes for each UTF-16 unit.
    if (line.length * 3 <= longestLine) return line
    const bytes = Buffer.byteLength(line)
    if (bytes <= longestLine) return line
    return { reason: `it takes ${bytes} bytes; at most ${longestLine} can be stored` }
  } catch (error) {
    // A cycle, a BigInt, or a text longer than the runtime allows: JSON's own error is the reason.
    return {
      reason: `it cannot be stored as JSON: ${error instanceof Error ? error.message : String(error)}`,
    }
  }
}

/** Refuses records without a usable id, which the types forbid but a JavaScript source may return. */
function checkId(row: unknown, resource: string): void {
  const problem = problemOf(row)
  if (problem === undefined) return
  const id = typeof row === 'object' && row !== null && 'id' in row ? row.id : undefined
  throw new BackupError(
    'unsupported',
    `A record of ${resource} (id ${String(id)}) cannot be stored: ${problem}`,
    {
      suggestion: 'Correct what the source gives, or leave the resource out.',
      metadata: { resource, id: String(id) },
    },
  )
}

function problemOf(row: unknown): string | undefined {
  if (typeof row !== 'object' || row === null || Array.isArray(row)) return 'it is not an object'
  if (!('id' in row) || typeof row.id !== 'string') return 'its id is not a text'
  if (!Object.hasOwn(row, 'id')) return 'its id is not a field of its own'
  return undefined
}

function givenMarks({ rows, marks }: Batch, resource: string): readonly RowIndexEntry[] | undefined {
  if (marks === undefined) return undefined
  if (marks.length === rows.length && rows.every((row, i) => marks[i]?.id === row?.id)) return marks
  throw new BackupError('internal', `The source of ${resource} gave marks that do not match its rows`)
}

function checkRaw({ rows, raw }: Batch, resource: string): void {
  if (raw === undefined || raw.size === 0) return
  const known = rows.filter((row) => raw.has(row?.id)).length
  if (known === raw.size) return
  throw new BackupError(
    'internal',
    `The source of ${resource} gave the raw form of records without their rows`,
  )
}

/** Lines of the key index: for the rows, and for records whose entry is noted again. */
export function indexLines(marks: readonly IndexEntry[], refreshed: readonly IndexEntry[] = []): string[] {
  const all = refreshed.length === 0 ? marks : [...marks, ...refreshed].sort((a, b) => compareIds(a.id, b.id))
  return all.map(({ id, modified, hash }) =>
    JSON.stringify([id, Number.isFinite(modified) ? modified : 0, hash]),
  )
}
