import { open } from 'node:fs/promises'
import { BackupError, compareIds, type Part } from '@s3db-backup/core'
import { damaged, type ReadContext } from '@s3db-backup/core/internal'
import { lineWriter } from './line-writer.js'
import { partTexts } from './part-texts.js'
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
export async function stagePart(
  context: ReadContext,
  part: Part,
  { file, stager, ordered }: PartStaging,
): Promise<void> {
  const handle = await open(file, 'wx', 0o600)
  try {
    const lines = lineWriter(handle)
    let last: string | undefined
    let number = 0
    for await (const texts of partTexts(context, part)) {
      for (const text of texts) {
        number += 1
        let id = stager.idOfPlain(text)
        let staged = text
        if (id === undefined) {
          const value = parsed(text, number, context, part)
          id = value.id
          if (!id.isWellFormed()) throw notUnicode(context, part, id)
          staged = stager.stage({ text, value })
        }
        if (ordered && last !== undefined && compareIds(last, id) >= 0)
          throw damaged(context, part, `record ${JSON.stringify(id)} is not in the order of the ids`)
        last = id
        if (lines.fits(staged)) lines.add(staged)
        else await lines.addLong(staged)
      }
    }
    await lines.flush()
  } finally {
    await handle.close()
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
