import type { BackupError } from '../errors.js'
import { compareIds } from '../format/compare-ids.js'
import type { Member } from '../format/members.js'
import { readOffsets } from '../format/offsets.js'
import { readTextLines, type TextLine } from '../format/part-reader.js'
import { damaged, type ReadContext } from '../format/stored-part.js'
import { entryOf, type Part, partsOf } from '../manifest.js'
import { type Cursor, cursor } from './cursor.js'
import { type Link, toMark } from './read-index.js'
import { linesHash } from './state-hash.js'

/** What one backup of a chain says of a record. */
export interface LinkRecord {
  readonly id: string
  /** `noted`: only its entry in the key index is there, because the record itself did not change. */
  readonly says: 'row' | 'noted' | 'deleted'
  /** The content hash in the key index; empty for what is deleted. */
  readonly hash: string
}

/** Told of each part that was read to its end. */
export type OnPart = (link: Link, part: Part) => void

/** Records in one batch. */
const batchSize = 500

/**
 * What one backup of a chain says of the records of a resource, read from all its parts side by side: rows, raw forms,
 * key index and deletions. Throws `corrupt` for parts that do not belong together: a row without its index entry, a raw
 * form without its row, an id that comes twice, is out of order or is both there and deleted, and, where the manifest
 * says that the key index has the hashes of the lines, a row that is not the one that was hashed.
 */
export async function* linkRecords(
  link: Link,
  resource: string,
  onPart: OnPart,
): AsyncGenerator<LinkRecord[]> {
  const entry = entryOf(link.manifest, resource)
  if (entry === undefined) return
  const { ordered, whole } = entry
  const offsets = await readOffsets(link.context, partsOf(link.manifest, resource, 'offsets'))
  const hashed = entry.contentHash === 'lines'
  const open = (holds: string, toLine: ToLine) =>
    cursor(identified(link, resource, { holds, ordered, toLine, onPart, offsets }))
  const index = open('index', toIndexLine)
  const rows = open('rows', toRecordLine)
  const raws = open('raw', toRawLine)
  const deletions = open('deleted', toRecordLine)
  const taken = { link, resource, rows, raws, hashed }
  try {
    let batch: LinkRecord[] = []
    while (true) {
      if (batch.length === batchSize) {
        yield batch
        batch = []
      }
      const mark = index.peek() ?? (await next(index))
      const gone = deletions.peek() ?? (await next(deletions))
      const order = orderOf(mark, gone)
      if (order === undefined) break
      if (order === 0 && mark !== undefined)
        throw damaged(link.context, mark.part, `${named(mark)} exists and is marked as deleted`)
      if (order < 0 && mark !== undefined) {
        index.advance()
        batch.push(await withRow(mark, { ...taken, whole }))
      } else if (gone !== undefined) {
        deletions.advance()
        batch.push({ id: gone.id, says: 'deleted', hash: '' })
      }
    }
    const row = rows.peek() ?? (await next(rows))
    if (row !== undefined) throw unindexed(link, row)
    const raw = raws.peek() ?? (await next(raws))
    if (raw !== undefined) throw withoutRow(link, raw)
    yield batch
  } finally {
    await Promise.all([index, rows, raws, deletions].map((one) => one.close()))
  }
}

interface Taking {
  readonly link: Link
  readonly rows: Cursor<Line>
  readonly raws: Cursor<Line>
  readonly hashed: boolean
  readonly whole: boolean
}

/** An entry of the key index together with its row, if the backup has it. */
async function withRow(
  { id, hash = '', part }: Line,
  { link, rows, raws, hashed, whole }: Taking,
): Promise<LinkRecord> {
  const row = rows.peek() ?? (await next(rows))
  if (row?.id !== id) {
    // Rows and entries are in the same order, so a row that comes before its entry has none.
    if (row !== undefined && (whole || compareIds(row.id, id) < 0)) throw unindexed(link, row)
    if (whole) throw damaged(link.context, part, `record ${JSON.stringify(id)} has no row`)
    return { id, says: 'noted', hash }
  }
  rows.advance()
  const raw = raws.peek() ?? (await next(raws))
  const own = raw?.id === id ? raw : undefined
  if (own !== undefined) raws.advance()
  if (hashed && linesHash(row.text, own?.text) !== hash)
    throw damaged(link.context, row.part, `${named(row)} does not match the hash in its key index`)
  return { id, says: 'row', hash }
}

/** Which of two comes first, as `compareIds` says it; nothing if there is neither. */
function orderOf(mark: Line | undefined, gone: Line | undefined): number | undefined {
  if (mark === undefined) return gone === undefined ? undefined : 1
  return gone === undefined ? -1 : compareIds(mark.id, gone.id)
}

async function next(lines: Cursor<Line>): Promise<Line | undefined> {
  return (await lines.load()) ? lines.peek() : undefined
}

/** A line of a part, and the record that it is about. */
interface Line extends TextLine {
  readonly id: string
  /** Of the key index: the content hash. */
  readonly hash?: string | undefined
  readonly part: Part
}

type ToLine = (line: TextLine, context: ReadContext, part: Part) => Pick<Line, 'id' | 'hash'>

const toIndexLine: ToLine = ({ value }, context, part) => toMark(value, context, part)

const toRecordLine: ToLine = ({ value }, context, part) => {
  if (typeof value === 'object' && value !== null && 'id' in value && typeof value.id === 'string')
    return { id: value.id }
  throw damaged(context, part, 'a line is not a record with an id')
}

const toRawLine: ToLine = (line, context, part) => {
  if (typeof line.value === 'object' && line.value !== null && Object.hasOwn(line.value, 'raw'))
    return toRecordLine(line, context, part)
  throw damaged(context, part, 'a line is not a raw record')
}

interface Reading {
  readonly holds: string
  readonly ordered: boolean
  readonly toLine: ToLine
  readonly onPart: OnPart
  readonly offsets: ReadonlyMap<string, readonly Member[]>
}

async function* identified(
  link: Link,
  resource: string,
  { holds, ordered, toLine, onPart, offsets }: Reading,
): AsyncGenerator<Line[]> {
  const { context, manifest } = link
  let last: string | undefined
  for (const part of partsOf(manifest, resource, holds)) {
    for await (const lines of readTextLines(context, part, offsets.get(part.file))) {
      const found: Line[] = []
      for (const line of lines) {
        const { id, hash } = toLine(line, context, part)
        if (ordered && last !== undefined && compareIds(last, id) >= 0)
          throw notAscending(context, part, last, id)
        last = id
        found.push({ ...line, id, ...(hash === undefined ? {} : { hash }), part })
      }
      yield found
    }
    onPart(link, part)
  }
}

function notAscending(context: ReadContext, part: Part, last: string, id: string): BackupError {
  const record = `record ${JSON.stringify(id)}`
  return damaged(
    context,
    part,
    last === id ? `${record} occurs twice` : `${record} is not in the order of the ids`,
  )
}

function unindexed({ context }: Link, row: Line): BackupError {
  return damaged(context, row.part, `${named(row)} has no entry in the key index`)
}

function withoutRow({ context }: Link, raw: Line): BackupError {
  return damaged(context, raw.part, `the raw form of ${named(raw)} has no row`)
}

function named({ id }: Line): string {
  return `record ${JSON.stringify(id)}`
}
