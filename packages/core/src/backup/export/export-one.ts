import type { Link } from '../../chain/read-index.js'
import type { Batch, ResourceInfo } from '../../ports/source.js'
import type { ObjectChoice } from '../../select-objects.js'
import type { Run } from '../backup-run.js'
import type { Output } from '../begin-output.js'
import type { Base } from '../parent/base.js'
import { lookWithin } from '../pieces/id-range.js'
import { type ExportedResource, exportResource, type Piece } from './export-resource.js'
import { filtered } from './filtered.js'
import { watchResource } from './watch-resource.js'

/** A resource, or a piece of one, that is about to be exported. */
export interface OneExport {
  readonly info: ResourceInfo
  readonly objects: ObjectChoice
  /** The parent's state of it. */
  readonly base: Base | undefined
  /** The chain that a whole resource is compared with. */
  readonly earlier: readonly Link[] | undefined
  readonly piece?: Piece | undefined
}

/** Exports a resource, or a piece of one, and reports it. */
export async function exportOne(
  { info, objects, base, earlier, piece }: OneExport,
  run: Run,
  { parts, compression, namesLeft, storedBytes }: Output,
): Promise<ExportedResource> {
  const { id, source, stop, onEvent, call } = run
  const resource = info.name
  const look = piece === undefined ? source.secondLook : lookWithin(source.secondLook, piece.range)
  const watch = watchResource({ look, resource, base, earlier, range: piece?.range }, call)
  const filter = (batch: Batch) =>
    info.of === undefined ? filtered(batch, run.filter, resource) : objects.choose(batch, info)
  const onProgress = (records: number, expected: number | undefined) =>
    onEvent({ type: 'backup-progress', id, resource, records, expected, bytes: storedBytes() })
  const how = { parts, compression, filter, namesLeft, onProgress, onFailure: stop }
  const exported = await exportResource({ source, info, base, piece, watch, ...how }, call)
  const { recordCount, lost, lostWithoutId = [] } = exported.entry
  const report = watch.report()
  if (report !== undefined) onEvent({ type: 'backup-second-look', id, resource, ...report })
  onEvent({
    type: 'backup-resource',
    id,
    resource,
    records: recordCount,
    lost: lostWithoutId.reduce((sum, { count }) => sum + (count ?? 0), lost.length),
  })
  return exported
}
