import * as z from 'zod'
import { toSpan } from '../../backup/pieces/id-range.js'
import { linksOf } from '../../chain/read-index.js'
import { BackupError, during, isBackupError } from '../../errors.js'
import { filterBatch } from '../../filter-batch.js'
import { fileKey } from '../../format/layout.js'
import type { JsonValue } from '../../json.js'
import { keepingChain } from '../../leases/keep-chain.js'
import type { OnEvent } from '../../ports/events.js'
import type { RowFilter } from '../../ports/row-filter.js'
import type { Batch, Row } from '../../ports/source.js'
import type { WriteReport } from '../../ports/target.js'
import { readRecords } from '../../read/read-records.js'
import { openPlace } from '../../read/units.js'
import { hiddenForms, withHidden } from '../../restore/hidden-forms.js'
import { forged, openShardNote, readShardNote, storeShardNote } from '../shard-note.js'
import type { PlannedPiece } from '../shard-plan.js'
import {
  type JoinedRestore,
  type JoinRestoreOptions,
  joinRestore,
  joinSchema,
  parseJoin,
} from './join-restore.js'
import { shardNote } from './restore-place.js'
import { type RestoredShard, restoredSchema } from './restore-plan.js'

export interface RestoreShardOptions extends JoinRestoreOptions {
  /** Which shard, from 0. */
  readonly index: number
}

/** The outcome of a shard of a restore. */
export interface RestoreShardResult {
  readonly restore: string
  readonly index: number
  /** `written`: by this process. `written-before`: by another one. */
  readonly outcome: 'written' | 'written-before'
  /** Records that this process restored or replaced. */
  readonly records: number
}

const schema = joinSchema.extend({ index: z.number().int().nonnegative() })

/**
 * Writes one shard of a restore, and records that at the destination. It may be run again, and twice at once: a record
 * is written as in the backup, however often.
 *
 * @throws BackupError as `restore` does, and `not_found` where there is no such restore or shard.
 */
export async function restoreShard(options: RestoreShardOptions): Promise<RestoreShardResult> {
  const { index, ...given } = parseJoin(schema, options)
  try {
    const joined = await joinRestore(given)
    const pieces = joined.stored.shards[index]
    if (pieces === undefined) throw noSuchShard(given.restore, index, joined.stored.shards.length)
    const result = { restore: given.restore, index, records: 0 }
    if ((await readWritten(joined, index)) !== undefined) return { ...result, outcome: 'written-before' }
    const reports = await keepingChain(
      joined.plan.chain,
      { name: 'restore', operation: 'restore' },
      async () => {
        const written: WriteReport[] = []
        for (const piece of pieces) written.push(await writePiece(piece, joined, given))
        return written
      },
    )
    const isOurs = await store(joined, { restore: given.restore, index, reports })
    const records = reports.reduce((sum, { restored, replaced }) => sum + restored + replaced, 0)
    return { ...result, records, outcome: isOurs ? 'written' : 'written-before' }
  } catch (error) {
    throw during('restore', error)
  }
}

/** What a shard says that it wrote; nothing if it has not. Throws `corrupt` for what another restore or shard says. */
export async function readWritten(
  { place, call, stored }: JoinedRestore,
  index: number,
): Promise<RestoredShard | undefined> {
  const file = shardNote(place.id, index)
  const bytes = await readShardNote(place, file, call).catch((error: unknown) => {
    if (isBackupError(error, 'not_found')) return undefined
    throw error
  })
  if (bytes === undefined) return undefined
  const written = await openShardNote(place, { file, bytes, schema: restoredSchema }, call)
  const fits =
    written.restore === place.id &&
    written.index === index &&
    written.reports.length === stored.shards[index]?.length
  if (!fits) throw forged(fileKey(place.directory, file), 'it belongs to another shard')
  return written
}

async function writePiece(
  { resource, range }: PlannedPiece,
  { plan, call, stored }: JoinedRestore,
  { target, filter, onEvent }: Pick<JoinRestoreOptions, 'target' | 'filter' | 'onEvent'>,
): Promise<WriteReport> {
  const told = { id: stored.backupId, resource, onEvent }
  let ended = false
  async function* batches(): AsyncGenerator<Batch> {
    yield* recordsIn({ resource, range }, plan, filter, told)
    ended = true
  }
  const report = await target.write(resource, batches(), { ...call, range })
  if (!ended) throw new BackupError('internal', `The target did not read all records of ${resource}`)
  onEvent?.({ type: 'restore-resource', id: stored.backupId, resource, report })
  return report
}

async function* recordsIn(
  { resource, range }: Pick<PlannedPiece, 'resource' | 'range'>,
  { chain }: JoinedRestore['plan'],
  filter: RowFilter | undefined,
  { id, onEvent }: { readonly id: string; readonly onEvent: OnEvent | undefined },
): AsyncGenerator<Batch> {
  const places = await Promise.all(linksOf(chain, resource).map((link) => openPlace(link, resource)))
  let [records, selected] = [0, 0]
  for await (const found of readRecords(places, toSpan(range))) {
    const raw = new Map<string, JsonValue>()
    for (const record of found) if (record.raw !== undefined) raw.set(record.id, record.raw)
    const batch = { rows: found.map(({ row }) => row), raw }
    const keep = (row: Row) => filter?.keep(row, resource) ?? true
    const kept = filter === undefined ? batch : filterBatch(batch, keep)
    yield filter === undefined
      ? kept
      : withHidden(
          kept,
          hiddenForms(batch, (row) => !keep(row)),
        )
    records += found.length
    selected += kept.rows.length
    onEvent?.({ type: 'restore-progress', id, resource, records, selected, expected: undefined })
  }
}

async function store({ place, call }: JoinedRestore, written: RestoredShard): Promise<boolean> {
  try {
    await storeShardNote(place, shardNote(place.id, written.index), { content: written }, call)
    return true
  } catch (error) {
    if (isBackupError(error, 'conflict')) return false
    throw error
  }
}

function noSuchShard(restore: string, index: number, count: number): BackupError {
  return new BackupError(
    'not_found',
    `The restore '${restore}' has ${count} shards but none with index ${index}`,
    {
      operation: 'restore',
      suggestion: `Give an index from 0 to ${count - 1}.`,
    },
  )
}
