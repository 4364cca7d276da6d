import { emptyState, stateHash } from '../../chain/state-hash.js'
import { BackupError } from '../../errors.js'
import { compareIds } from '../../format/compare-ids.js'
import { isWorthOffsets, offsetsLines } from '../../format/offsets.js'
import type { PartContext } from '../../format/open-part.js'
import { partWriter } from '../../format/part-writer.js'
import type { JsonValue } from '../../json.js'
import type { Part, ResourceEntry } from '../../manifest.js'
import type { Call } from '../../ports/driver.js'
import type { Batch, IdRange, IndexEntry, ResourceInfo, Source } from '../../ports/source.js'
import { abortable } from '../../streams/abortable.js'
import { losses, type NamesLeft } from '../losses/losses.js'
import type { Base } from '../parent/base.js'
import { isEverything, withinRange } from '../pieces/id-range.js'
import type { Watch } from '../second-look/watch.js'
import { type EncodedBatch, encodeBatch, hashesLines, indexLines } from './batch-lines.js'

/** What one resource came to: its entry in the manifest and its stored parts. */
export interface ExportedResource {
  readonly entry: ResourceEntry
  readonly parts: readonly Part[]
}

/** A piece of a resource that is read by itself. */
export interface Piece {
  readonly range: IdRange
  /** One of the pieces of a resource stores a part of rows even where it has none. */
  readonly first: boolean
}

export interface ExportOptions {
  readonly source: Source
  readonly info: ResourceInfo
  readonly parts: PartContext
  readonly compression: string
  /** Selects the records of a batch. */
  readonly filter: (batch: Batch) => Batch
  /** The parent's state of the resource. Without it the resource is exported completely. */
  readonly base: Base | undefined
  /** Only this piece of the resource; counts and sums are those of the piece. */
  readonly piece?: Piece | undefined
  readonly watch: Watch
  readonly namesLeft: NamesLeft
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
  const { source, info, parts: context, filter, base, piece, watch } = options
  const rows = partWriter(context, info.name, 'rows')
  const raw = partWriter(context, info.name, 'raw')
  const index = partWriter(context, info.name, 'index')
  const deleted = partWriter(context, info.name, 'deleted')
  const offsets = partWriter(context, info.name, 'offsets')
  const tally = startTally(info.name, base, options.namesLeft)
  const store = async (batch: Batch) => {
    const encoded = encodeBatch(batch, info.name)
    tally.add(batch, encoded)
    await Promise.all([
      rows.write(encoded.rows),
      raw.write(encoded.raw),
      index.write(indexLines(encoded.marks, batch.refreshed)),
      deleted.write((batch.deleted ?? []).map(({ id }) => JSON.stringify({ id }))),
    ])
    options.onProgress(tally.records(), batch.expected)
  }
  try {
    const read = abortable(readSource(source, info, { base, piece }, call), call.signal)
    for await (const batch of watch.read(read)) await store(watch.hold(filter(batch)))
    for await (const batch of watch.decide()) await store(batch)
    // A resource without records still has a file to inspect. An internal entry with nothing to report has none.
    const atLeastOne =
      piece?.first !== false && (info.of === undefined || base !== undefined || tally.anyLost())
    const stored = {
      rows: await rows.close({ atLeastOne }),
      raw: await raw.close(),
      index: await index.close(),
      deleted: await deleted.close(),
    }
    const members = [rows.members, raw.members, index.members, deleted.members]
    if (isWorthOffsets(members)) await offsets.write(offsetsLines(members.flat()))
    const parts = [
      ...stored.rows,
      ...stored.raw,
      ...stored.index,
      ...stored.deleted,
      ...(await offsets.close()),
    ]
    const described = describe(info, options.compression, stored.rows)
    const report = watch.report()
    const secondLook = report === undefined ? {} : { secondLook: { ...report } }
    return { entry: { ...described, whole: base === undefined, ...tally.result(), ...secondLook }, parts }
  } catch (error) {
    options.onFailure(error)
    await Promise.all([rows, raw, index, deleted, offsets].map((writer) => writer.abort(error)))
    throw error
  }
}

function readSource(
  source: Source,
  { name }: ResourceInfo,
  { base, piece }: Pick<ExportOptions, 'base' | 'piece'>,
  call: Call,
): AsyncIterable<Batch> {
  const since = base === undefined ? {} : { since: base.since }
  if (piece === undefined || isEverything(piece.range)) return source.read(name, { ...call, ...since })
  return withinRange(source.read(name, { ...call, ...since, range: piece.range }), piece.range, name)
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
function startTally(resource: string, base: Base | undefined, namesLeft: NamesLeft) {
  const before = base?.state ?? emptyState
  const state = stateHash(before)
  const order = { rows: startOrder(resource), deleted: startOrder(resource) }
  const lost = losses(namesLeft)
  let records = 0
  let total = base?.totalCount ?? 0
  let deletedCount = 0
  let replacedCount = 0
  let vanished = 0
  let linesHashed = true
  let cursor: JsonValue | undefined

  return {
    add(batch: Batch, { marks, replaced, lost: unstorable }: EncodedBatch) {
      const { deleted = [] } = batch
      order.rows.check(marks)
      order.deleted.check(deleted)
      for (const { id, hash } of marks) state.add(id, hash)
      for (const { id, hash } of [...deleted, ...replaced]) state.remove(id, hash)
      records += marks.length
      total += marks.length - replaced.length - deleted.length
      deletedCount += deleted.length
      replacedCount += replaced.length
      vanished += batch.vanished ?? 0
      linesHashed &&= hashesLines(batch)
      lost.add([...(batch.lost ?? []), ...unstorable], batch.lostWithoutId ?? [])
      cursor = batch.cursor ?? cursor
    },
    records: () => records,
    anyLost: () => lost.any(),
    result: () => ({
      state: { before, after: state.value() },
      totalCount: total,
      deletedCount,
      replacedCount,
      ordered: order.rows.held() && order.deleted.held(),
      vanished,
      ...lost.result(),
      ...(linesHashed ? { contentHash: 'lines' } : {}),
      ...(cursor === undefined ? {} : { cursor }),
    }),
  }
}

/** Watches the order of the ids of one kind of part over all batches. */
function startOrder(resource: string) {
  let held = true
  let last: string | undefined
  return {
    check(marks: readonly IndexEntry[]) {
      for (const { id } of marks) {
        const order = last === undefined ? -1 : compareIds(last, id)
        if (order === 0) throw twice(id, resource)
        if (order > 0) held = false
        last = id
      }
    },
    held: () => held,
  }
}

function twice(id: string, resource: string): BackupError {
  return new BackupError('internal', `The source gave record ${JSON.stringify(id)} of ${resource} twice`)
}
