import * as z from 'zod'
import { readLines } from '../format/part-reader.js'
import { damaged, type ReadContext } from '../format/stored-part.js'
import { type JsonValue, parsedJson } from '../json.js'
import { type Manifest, type Part, partsOf } from '../manifest.js'
import type { Batch, Row } from '../ports/source.js'

const rawLine = z.looseObject({ id: z.string(), raw: parsedJson })

/**
 * A resource as the backup has it: batches of rows, each with the raw form of those records that have one.
 * Both kinds of part were written in the same order, so they are read side by side.
 */
export async function* readResource(
  context: ReadContext,
  manifest: Manifest,
  resource: string,
): AsyncGenerator<Batch> {
  const raws = rawRecords(context, partsOf(manifest, resource, 'raw'))
  try {
    let next = await raws.next()
    for (const part of partsOf(manifest, resource, 'rows')) {
      for await (const lines of readLines(context, part)) {
        const rows = lines.map((line) => toRow(line, context, part))
        const raw = new Map<string, JsonValue>()
        for (const { id } of rows) {
          if (next.done === true || next.value.id !== id) continue
          raw.set(id, next.value.raw)
          next = await raws.next()
        }
        yield { rows, raw }
      }
    }
    if (next.done !== true)
      throw damaged(context, next.value.part, `record ${JSON.stringify(next.value.id)} has no row`)
  } finally {
    await raws.return()
  }
}

interface RawRecord {
  readonly id: string
  readonly raw: JsonValue
  readonly part: Part
}

async function* rawRecords(
  context: ReadContext,
  parts: readonly Part[],
): AsyncGenerator<RawRecord, void, undefined> {
  for (const part of parts) {
    for await (const lines of readLines(context, part)) {
      for (const line of lines) {
        const parsed = rawLine.safeParse(line)
        if (!parsed.success) throw damaged(context, part, 'a line is not a raw record')
        yield { id: parsed.data.id, raw: parsed.data.raw, part }
      }
    }
  }
}

function toRow(line: unknown, context: ReadContext, part: Part): Row {
  if (typeof line === 'object' && line !== null && 'id' in line && typeof line.id === 'string')
    return line as Row
  throw damaged(context, part, 'a line is not a record with an id')
}
