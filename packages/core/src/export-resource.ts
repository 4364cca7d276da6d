import { marksOf, rawLines, rowLine } from './batch-lines.js'
import { compareIds } from './compare-ids.js'
import type { Call } from './driver.js'
import { BackupError } from './errors.js'
import { type PartContext, partWriter } from './format/part-writer.js'
import type { JsonValue } from './json.js'
import type { Part, ResourceEntry } from './manifest.js'
import type { Batch, LostRecord, Mark, ResourceInfo, Source } from './source.js'
import { emptyState, stateHash } from './state-hash.js'
import { abortable } from './streams/abortable.js'

/** Beyond this many unreadable records the resource as a whole is unreadable, and the backup fails. */
const mostLost = 10_000

/** What one resource came to: its entry in the manifest and its stored parts. */
export interface ExportedResource {
  readonly entry: ResourceEntry
  readonly parts: readonly Part[]
}

export interface ExportOptions {
  readonly source: Source
  readonly info: ResourceInfo
  readonly parts: PartContext
  readonly compression: string
  readonly onProgress: (records: number, expected: number | undefined) => void
  /** Told at once of what made the export fail, before its uploads have come to an end. */
  readonly onFailure: (error: unknown) => void
}

/**
 * Reads a resource once and writes three parts side by side: the rows, the raw form of those records that
 * their row cannot reproduce, and the key index for the next incremental backup.
 */
export async function exportResource(options: ExportOptions, call: Call): Promise<ExportedResource> {
  const { source, info, parts: context } = options
  const rows = partWriter(context, info.name, 'rows')
  const raw = partWriter(context, info.name, 'raw')
  const index = partWriter(context, info.name, 'index')
  const tally = startTally()
  try {
    for await (const batch of abortable(source.read(info.name, call), call.signal)) {
      const lines = batch.rows.map((row) => rowLine(row, info.name))
      const marks = marksOf(batch, lines, info.name)
      tally.add(batch, marks, info.name)
      await Promise.all([
        rows.write(lines),
        raw.write(rawLines(batch, info.name)),
        index.write(marks.map(({ id, modified, hash }) => JSON.stringify([id, modified, hash]))),
      ])
      options.onProgress(tally.records(), batch.expected)
    }
    // A resource without records still has a file to look into; what has nothing to tell is left out.
    const atLeastOne = info.of === undefined || tally.lost() > 0
    const stored = {
      rows: await rows.close({ atLeastOne }),
      raw: await raw.close(),
      index: await index.close(),
    }
    const parts = [...stored.rows, ...stored.raw, ...stored.index]
    return { entry: { ...describe(info, options.compression, stored.rows), ...tally.result() }, parts }
  } catch (error) {
    options.onFailure(error)
    await Promise.all([rows.abort(error), raw.abort(error), index.abort(error)])
    throw error
  }
}

function describe(info: ResourceInfo, compression: string, rows: readonly Part[]) {
  return {
    name: info.name,
    attributes: { ...info.attributes },
    partitions: { ...info.partitions },
    timestamps: info.timestamps,
    recordCount: rows.reduce((sum, part) => sum + part.records, 0),
    exportFile: rows[0]?.file ?? '',
    compression,
    format: 'jsonl' as const,
    bytesWritten: rows.reduce((sum, part) => sum + part.bytes, 0),
    ...(info.definition === undefined ? {} : { definition: info.definition }),
    ...(info.of === undefined ? {} : { of: info.of }),
  }
}

/** Counts what passes by, and checks what a restore relies on: that no record comes twice. */
function startTally() {
  const after = stateHash()
  const lost: LostRecord[] = []
  let records = 0
  let vanished = 0
  let ordered = true
  let previous: string | undefined
  let cursor: JsonValue | undefined

  return {
    add(batch: Batch, marks: readonly Mark[], resource: string) {
      for (const { id, hash } of marks) {
        const order = previous === undefined ? -1 : compareIds(previous, id)
        if (order === 0)
          throw new BackupError(
            'internal',
            `The source gave record ${JSON.stringify(id)} of ${resource} twice`,
          )
        if (order > 0) ordered = false
        previous = id
        after.add(id, hash)
      }
      records += batch.rows.length
      vanished += batch.vanished ?? 0
      for (const record of batch.lost ?? []) lost.push(record)
      cursor = batch.cursor ?? cursor
      if (lost.length > mostLost) throw tooManyLost(resource, lost)
    },
    records: () => records,
    lost: () => lost.length,
    result: () => ({
      state: { before: emptyState, after: after.value() },
      ordered,
      vanished,
      lost: lost.map((record) => ({ ...record })),
      ...(cursor === undefined ? {} : { cursor }),
    }),
  }
}

function tooManyLost(resource: string, lost: readonly LostRecord[]): BackupError {
  return new BackupError(
    'incomplete',
    `More than ${mostLost} records of ${resource} cannot be read; no backup was kept`,
    {
      suggestion: `The first reason was: ${lost[0]?.reason ?? 'unknown'}`,
      metadata: { resource, lost: lost.slice(0, 100) },
    },
  )
}
