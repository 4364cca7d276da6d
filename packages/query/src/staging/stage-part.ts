import { open } from 'node:fs/promises'
import { BackupError, compareIds, type Part } from '@s3db-backup/core'
import { damaged, type ReadContext, readTextLines } from '@s3db-backup/core/internal'
import type { RecordLine, StoredRecord } from './stage-line.js'

/** Where a part is written to, and how each of its lines is. */
export interface PartStaging {
  readonly file: string
  readonly stage: (line: RecordLine) => string
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
  { file, stage, ordered }: PartStaging,
): Promise<void> {
  const handle = await open(file, 'wx', 0o600)
  try {
    let last: string | undefined
    for await (const lines of readTextLines(context, part)) {
      const texts: string[] = []
      for (const { text, value } of lines) {
        if (!isRecord(value)) throw damaged(context, part, 'a line is not a record with an id')
        const { id } = value
        if (ordered && last !== undefined && compareIds(last, id) >= 0)
          throw damaged(context, part, `record ${JSON.stringify(id)} is not in the order of the ids`)
        last = id
        if (!id.isWellFormed()) throw notUnicode(context, part, id)
        texts.push(stage({ text, value }), '\n')
      }
      await handle.writeFile(texts.join(''))
    }
  } finally {
    await handle.close()
  }
}

function isRecord(value: unknown): value is StoredRecord & { readonly id: string } {
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
