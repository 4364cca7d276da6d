import type { Link } from '../chain/read-index.js'
import { readMarks } from '../chain/read-index.js'
import { linesHash } from '../chain/state-hash.js'
import { isBackupError } from '../errors.js'
import { parseJsonText } from '../format/json-text.js'
import { idIn } from '../format/members.js'
import { readTextLines } from '../format/part-reader.js'
import { entryOf, type Part, partsOf } from '../manifest.js'

/** A line that may be wrong, and whether the key index proves it. */
export interface ProvedLine {
  readonly value: unknown
  readonly proved: boolean
}

/**
 * Compares lines of a damaged stretch with the content hashes in the key index, which is in its own part. A record with
 * a raw form is hashed with it, so a line is proved only if the other one can be read. Nothing is proved if the key
 * index is damaged as well, or has hashes of another kind.
 */
export async function proveLines(
  { manifest, context }: Link,
  { resource, holds }: Part,
  texts: readonly string[],
): Promise<readonly ProvedLine[]> {
  const lines = texts.map((text) => ({ text, ...parsed(text) }))
  if (entryOf(manifest, resource)?.contentHash !== 'lines' || (holds !== 'rows' && holds !== 'raw'))
    return lines.map(({ value }) => ({ value, proved: false }))
  const ids = new Set(lines.flatMap(({ id }) => (id === '' ? [] : [id])))
  const hashes = await ofIds(ids, (add) => eachHash({ manifest, context }, resource, add))
  const others = await ofIds(ids, (add) =>
    eachText({ manifest, context }, partsOf(manifest, resource, holds === 'rows' ? 'raw' : 'rows'), add),
  )
  return lines.map(({ text, value, id }) => {
    const hash = hashes.get(id)
    const other = others.get(id)
    const together = holds === 'rows' ? linesHash(text, other) : linesHash(other ?? '', text)
    const alone = holds === 'rows' ? linesHash(text, undefined) : together
    return { value, proved: hash !== undefined && (hash === together || hash === alone) }
  })
}

type Add = (id: string, found: string) => void

/** Of the ids alone, whatever is found before something is damaged. */
async function ofIds(
  ids: ReadonlySet<string>,
  each: (add: Add) => Promise<void>,
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>()
  try {
    if (ids.size > 0)
      await each((id, what) => {
        if (ids.has(id)) found.set(id, what)
      })
  } catch (error) {
    if (!isBackupError(error, 'corrupt') && !isBackupError(error, 'not_found')) throw error
  }
  return found
}

async function eachHash({ manifest, context }: Link, resource: string, add: Add): Promise<void> {
  for await (const marks of readMarks(context, partsOf(manifest, resource, 'index')))
    for (const { id, hash } of marks) add(id, hash)
}

async function eachText({ context }: Link, parts: readonly Part[], add: Add): Promise<void> {
  for (const part of parts)
    for await (const lines of readTextLines(context, part))
      for (const { text, value } of lines) add(idIn(value), text)
}

function parsed(text: string): { readonly value: unknown; readonly id: string } {
  try {
    const value = parseJsonText(text)
    return { value, id: idIn(value) }
  } catch {
    // A damaged line, as expected.
    return { value: undefined, id: '' }
  }
}
