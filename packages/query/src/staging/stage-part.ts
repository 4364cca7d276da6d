import { open } from 'node:fs/promises'
import { BackupError, compareIds, type Part } from '@s3db-backup/core'
import { damaged, type ReadContext } from '@s3db-backup/core/internal'
import { blockWriter } from './block-writer.js'
import { longestLineOf, partLines, tooLong, type WholeLines } from './part-lines.js'
import type { LineStager, StoredRecord } from './stage-line.js'

/** Where a part is written to, and how its lines are. */
export interface PartStaging {
  readonly file: string
  readonly stager: LineStager
  /** The ids have to ascend: links of a chain with others cannot be merged. */
  readonly ordered: boolean
}

/**
 * Writes the content of a part into a private file: each of its blocks compared with its hash first, then decrypted and
 * decompressed. Throws `corrupt`, which names the part, for whatever core's reader refuses.
 */
export async function stagePart(context: ReadContext, part: Part, staging: PartStaging): Promise<void> {
  const handle = await open(staging.file, 'wx', 0o600)
  try {
    const writer = blockWriter(handle)
    const lines = lineChecker(context, part, staging)
    for await (const whole of partLines(context, part)) await writer.write(lines.stage(whole))
    lines.end()
    await writer.flush()
  } finally {
    await handle.close()
  }
}

function lineChecker(context: ReadContext, part: Part, { stager, ordered }: PartStaging) {
  const longest = longestLineOf(part)
  let last: string | undefined
  let records = 0

  function isTooLong(text: string, from: number, end: number, ascii: boolean): boolean {
    const length = end - from
    if (length > longest || ascii) return length > longest
    return length * 3 > longest && Buffer.byteLength(text.slice(from, end)) > longest
  }

  return {
    /** The lines as they are to be written: most of them, and so most bytes, as they are. */
    stage({ bytes, text }: WholeLines): Uint8Array {
      const ascii = text.length === bytes.byteLength
      const pieces: string[] = []
      let copied = 0
      for (let from = 0; from < text.length; ) {
        records += 1
        let id = stager.idOfPlain(text, from)
        const end = id === undefined ? text.indexOf('\n', from) : stager.endOfPlain()
        if (isTooLong(text, from, end, ascii)) throw tooLong(context, part)
        if (id === undefined) {
          const line = text.slice(from, end)
          const value = parsed(line, records, context, part)
          id = value.id
          if (!id.isWellFormed()) throw notUnicode(context, part, id)
          const staged = stager.stage({ text: line, value })
          if (staged !== line) {
            pieces.push(text.slice(copied, from), staged)
            copied = end
          }
        }
        if (ordered && last !== undefined && compareIds(last, id) >= 0)
          throw damaged(context, part, `record ${JSON.stringify(id)} is not in the order of the ids`)
        last = id
        from = end + 1
      }
      return pieces.length === 0 ? bytes : Buffer.from(pieces.join('') + text.slice(copied))
    },
    end(): void {
      if (records !== part.records)
        throw damaged(context, part, `it has ${records} of ${part.records} records`)
    },
  }
}

type IdentifiedRecord = StoredRecord & { readonly id: string }

function parsed(text: string, number: number, context: ReadContext, part: Part): IdentifiedRecord {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw damaged(context, part, `line ${number} is not JSON`, { line: number }, cause)
  }
  if (!isRecord(value)) throw damaged(context, part, 'a line is not a record with an id')
  return value
}

function isRecord(value: unknown): value is IdentifiedRecord {
  return typeof value === 'object' && value !== null && 'id' in value && typeof value.id === 'string'
}

/** Two such ids would become one. */
function notUnicode({ backupId }: ReadContext, { file, resource }: Part, id: string): BackupError {
  return new BackupError(
    'unsupported',
    `SQL cannot hold the id ${JSON.stringify(id)} of ${resource}: it has half a surrogate pair`,
    {
      operation: 'download',
      suggestion: 'Read this resource without SQL.',
      metadata: { backupId, file, resource, id },
    },
  )
}
