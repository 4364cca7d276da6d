import { open } from 'node:fs/promises'
import { BackupError, type Part } from '@s3db-backup/core'
import { damaged, type ReadContext } from '@s3db-backup/core/internal'
import { blockWriter } from './block-writer.js'
import { longestLineOf, partLines, tooLong, type WholeLines } from './part-lines.js'
import { bytesAsText } from './plain-lines.js'
import { onPrivateFile } from './private-file.js'
import type { LineStager, StoredRecord } from './stage-line.js'
import type { IsSuperseded } from './superseded.js'

/** Where a part is written to, and how its lines are. */
export interface PartStaging {
  readonly file: string
  readonly stager: LineStager
  /** The ids have to ascend: links of a chain with others cannot be merged. */
  readonly ordered: boolean
  /** Lines that are checked and left out. */
  readonly isSuperseded?: IsSuperseded | undefined
  /** Called with every id, as a text of one character per byte. */
  readonly onId?: ((id: string) => void) | undefined
}

/**
 * Writes the content of a part into a private file: each of its blocks compared with its hash first, then decrypted and
 * decompressed. Throws `corrupt`, which names the part, for whatever core's reader refuses.
 */
export async function stagePart(context: ReadContext, part: Part, staging: PartStaging): Promise<void> {
  const { file } = staging
  const handle = await onPrivateFile(file, () => open(file, 'wx', 0o600))
  try {
    const writer = blockWriter(handle, file)
    const lines = lineChecker(context, part, staging)
    for await (const whole of partLines(context, part))
      for (const piece of lines.stage(whole)) await writer.write(piece)
    lines.end()
    await writer.flush()
  } finally {
    await handle.close()
  }
}

function lineChecker(context: ReadContext, part: Part, { stager, ordered, isSuperseded, onId }: PartStaging) {
  const longest = longestLineOf(part)
  let last: string | undefined
  let records = 0

  /** A line that is not plain, in the form to write; `undefined` if it stays. */
  function stageParsed(line: string): { readonly id: string; readonly staged: string | undefined } {
    const value = parsed(line, records, context, part)
    if (!value.id.isWellFormed()) throw notUnicode(context, part, value.id)
    const staged = stager.stage({ text: line, value })
    return { id: bytesAsText(value.id), staged: staged === line ? undefined : staged }
  }

  return {
    /** The lines as they are to be written, in pieces: most of them, and so most bytes, as they are. */
    stage({ bytes, text }: WholeLines): Uint8Array[] {
      const pieces: Uint8Array[] = []
      let copied = 0
      for (let from = 0; from < text.length; ) {
        records += 1
        let id = stager.idOfPlain(text, from)
        let staged: string | undefined
        const end = id === undefined ? text.indexOf('\n', from) : stager.endOfPlain()
        if (end - from > longest) throw tooLong(context, part)
        if (id === undefined) ({ id, staged } = stageParsed(textOf(bytes.subarray(from, end))))
        // In this text one character is one byte, so this compares bytes.
        if (ordered && last !== undefined && last >= id) throw notAscending(context, part, id)
        last = id
        onId?.(id)
        if (isSuperseded?.(id) === true) {
          pieces.push(bytes.subarray(copied, from))
          copied = end + 1
        } else if (staged !== undefined) {
          pieces.push(bytes.subarray(copied, from), Buffer.from(staged))
          copied = end
        }
        from = end + 1
      }
      return [...pieces, bytes.subarray(copied)]
    },
    end(): void {
      if (records !== part.records)
        throw damaged(context, part, `it has ${records} of ${part.records} records`)
    },
  }
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
}

function notAscending(context: ReadContext, part: Part, id: string): BackupError {
  const record = JSON.stringify(Buffer.from(id, 'latin1').toString('utf8'))
  return damaged(context, part, `record ${record} is not in the order of the ids`)
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
