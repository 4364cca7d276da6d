import { emptyState, stateHash } from '../chain/state-hash.js'
import { BackupError } from '../errors.js'
import { compareIds } from '../format/compare-ids.js'
import type { Part, ResourceEntry } from '../format/manifest.js'
import { type PartContext, partWriter } from '../format/part-writer.js'
import type { JsonValue } from '../json.js'
import type { Call } from '../ports/driver.js'
import { filterBatch, type RowFilter } from '../ports/row-filter.js'
import type { Batch, LostRecord, Mark, ResourceInfo, Since, Source } from '../ports/source.js'
import { abortable } from '../streams/abortable.js'
import { indexLines, marksOf, rawLines, rowLine } from './batch-lines.js'

/** Beyond this many unreadable records the resource as a whole is unreadable, and the backup fails. */
const mostLost = 10_000

/** What one resource came to: its entry in the manifest and its stored parts. */
export interface ExportedResource {
  readonly entry: ResourceEntry
  readonly parts: readonly Part[]
}

/** What an incremental export builds on. */
export interface Base {
  readonly since: Since
  /** The state hash and the number of records at the end of the parent's chain. */
  readonly state: string
  readonly totalCount: number
}

export interface ExportOptions {
  readonly source: Source
  readonly info: ResourceInfo
  readonly parts: PartContext
  readonly compression: string
  readonly filter: RowFilter | undefined
  /** What the parent has of the resource. Left out, the resource is taken whole. */
  readonly base: Base | undefined
  readonly onProgress: (records: number, expected: number | undefined) => void
  /** Told at once of what made the export fail, before its uploads have come to an end. */
  readonly onFailure: (error: unknown) => void
}

/**
 * Reads a resource once and writes its parts side by side: the rows, the raw form of those records that their
 * row cannot reproduce, the key index for the next incremental backup, and, in an incremental one, the ids
 * that are gone.
 */
export async function exportResource(options: ExportOptions, call: Call): Promise<ExportedResource> {
  const { source, info, parts: context, filter, base } = options
  const rows = partWriter(context, info.name, 'rows')
  const raw = partWriter(context, info.name, 'raw')
  const index = partWriter(context, info.name, 'index')
  const deleted = partWriter(context, info.name, 'deleted')
  const tally = startTally(base)
  try {
    const read = source.read(info.name, base === undefined ? call : { ...call, since: base.since })
    for await (const unfiltered of abortable(read, call.signal)) {
      const batch =
        filter === undefined ? unfiltered : filterBatch(unfiltered, (row) => filter.keep(row, info.name))
      const lines = batch.rows.map((row) => rowLine(row, info.name))
      const marks = marksOf(batch, lines, info.name)
      tally.add(batch, marks, info.name)
      await Promise.all([
        rows.write(lines),
        raw.write(rawLines(batch, info.name)),
        index.write(indexLines(marks, batch.refreshed)),
        deleted.write((batch.deleted ?? []).map(({ id }) => JSON.stringify({ id }))),
      ])
      options.onProgress(tally.records(), batch.expected)
    }
    // A resource without records still has a file to look into; what has nothing to tell is left out.
    const atLeastOne = info.of === undefined || base !== undefined || tally.lost() > 0
    const stored = {
      rows: await rows.close({ atLeastOne }),
      raw: await raw.close(),
      index: await index.close(),
      deleted: await deleted.close(),
    }
    const parts = [...stored.rows, ...stored.raw, ...stored.index, ...stored.deleted]
    const whole = base === undefined
    return { entry: { ...describe(info, options.compression, stored.rows), whole, ...tally.result() }, parts }
  } catch (error) {
    options.onFailure(error)
    await Promise.all([rows, raw, index, deleted].map((writer) => writer.abort(error)))
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
    ...(info.shape === undefined ? {} : { shape: info.shape }),
  }
}

/** Counts what passes by, and checks what a restore relies on: that no record comes twice. */
function startTally(base: Base | undefined) {
  const before = base?.state ?? emptyState
  const state = stateHash(before)
  const order = startOrder()
  const lost: LostRecord[] = []
  let records = 0
  let total = base?.totalCount ?? 0
  let deletedCount = 0
  let replacedCount = 0
  let vanished = 0
  let cursor: JsonValue | undefined

  return {
    add(batch: Batch, marks: readonly Mark[], resource: string) {
      const { deleted = [], replaced = [] } = batch
      order.check(marks, deleted, resource)
      for (const { id, hash } of marks) state.add(id, hash)
      for (const { id, hash } of [...deleted, ...replaced]) state.remove(id, hash)
      records += batch.rows.length
      total += marks.length - replaced.length - deleted.length
      deletedCount += deleted.length
      replacedCount += replaced.length
      vanished += batch.vanished ?? 0
      for (const record of batch.lost ?? []) lost.push(record)
      cursor = batch.cursor ?? cursor
      if (lost.length > mostLost) throw tooManyLost(resource, lost)
    },
    records: () => records,
    lost: () => lost.length,
    result: () => ({
      state: { before, after: state.value() },
      totalCount: total,
      deletedCount,
      replacedCount,
      ordered: order.held(),
      vanished,
      lost: lost.map((record) => ({ ...record })),
      ...(cursor === undefined ? {} : { cursor }),
    }),
  }
}

/** Watches the order of ids over all batches. In each, rows and deletions are two lists, both ascending. */
function startOrder() {
  let held = true
  let last: string | undefined

  const checkList = (marks: readonly Mark[], resource: string): string | undefined => {
    let previous = last
    for (const { id } of marks) {
      const order = previous === undefined ? -1 : compareIds(previous, id)
      if (order === 0) throw twice(id, resource)
      if (order > 0) held = false
      previous = id
    }
    return previous
  }

  return {
    check(marks: readonly Mark[], deleted: readonly Mark[], resource: string) {
      const ends = [checkList(marks, resource), checkList(deleted, resource)].filter((id) => id !== undefined)
      last = ends.sort(compareIds).at(-1)
    },
    held: () => held,
  }
}

function twice(id: string, resource: string): BackupError {
  return new BackupError('internal', `The source gave record ${JSON.stringify(id)} of ${resource} twice`)
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
