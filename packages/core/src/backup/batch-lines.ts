import { contentHash } from '../chain/state-hash.js'
import { BackupError } from '../errors.js'
import { compareIds } from '../format/compare-ids.js'
import type { Batch, Mark, Row } from '../ports/source.js'

/** The line of a record. Throws `unsupported`, naming the record, for what JSON cannot hold or would change. */
export function rowLine(row: Row, resource: string): string {
  const problem = problemOf(row)
  if (problem !== undefined) throw unwritable(row, resource, problem)
  try {
    return JSON.stringify(row)
  } catch (cause) {
    throw unwritable(row, resource, cause instanceof Error ? cause.message : String(cause), cause)
  }
}

/** What the types forbid and a source in plain JavaScript may still do. */
function problemOf(row: unknown): string | undefined {
  if (typeof row !== 'object' || row === null || Array.isArray(row)) return 'it is not an object'
  if (!('id' in row) || typeof row.id !== 'string') return 'its id is not a text'
  if (!Object.hasOwn(row, 'id')) return 'its id is not a field of its own'
  if ('toJSON' in row && typeof row.toJSON === 'function') return 'it would be written as something else'
  return undefined
}

function unwritable(row: unknown, resource: string, why: string, cause?: unknown): BackupError {
  const id = typeof row === 'object' && row !== null && 'id' in row ? row.id : undefined
  const name = typeof id === 'string' ? JSON.stringify(id) : `with the id ${String(id)}`
  return new BackupError('unsupported', `Record ${name} of ${resource} cannot be written as JSON: ${why}`, {
    suggestion: 'Correct what the source gives, or leave the resource out.',
    metadata: { resource, id: String(id) },
    ...(cause === undefined ? {} : { cause }),
  })
}

/** The key-index entries of a batch, one for each row: the source's own, or the hash of each line. */
export function marksOf({ rows, marks }: Batch, lines: readonly string[], resource: string): readonly Mark[] {
  if (marks === undefined) {
    return rows.map(({ id }, i) => ({ id, modified: 0, hash: contentHash(lines[i] ?? '') }))
  }
  if (marks.length === rows.length && rows.every(({ id }, i) => marks[i]?.id === id)) return marks
  throw new BackupError('internal', `The source of ${resource} gave marks that are not those of its rows`)
}

/** Lines of the key index: those of the rows, and of records whose entry is only noted anew. */
export function indexLines(marks: readonly Mark[], refreshed: readonly Mark[] = []): string[] {
  const all = refreshed.length === 0 ? marks : [...marks, ...refreshed].sort((a, b) => compareIds(a.id, b.id))
  return all.map(({ id, modified, hash }) => JSON.stringify([id, modified, hash]))
}

/** Lines of the raw part, in the order of the rows, so that both can be read side by side. */
export function rawLines({ rows, raw }: Batch, resource: string): string[] {
  if (raw === undefined || raw.size === 0) return []
  const lines = rows.filter(({ id }) => raw.has(id)).map(({ id }) => JSON.stringify({ id, raw: raw.get(id) }))
  if (lines.length === raw.size) return lines
  throw new BackupError(
    'internal',
    `The source of ${resource} gave the raw form of records without their rows`,
  )
}
