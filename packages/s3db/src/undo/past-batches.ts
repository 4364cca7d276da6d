import { type Batch, type Call, isBackupError, type JsonValue, type Row } from '@s3db-backup/core'
import { ordered } from '@s3db-backup/core/internal'
import type { Client } from '../client/database.js'
import { inFlight } from '../client/in-flight.js'
import { dataKey } from '../listing/keys.js'
import { objectReads } from '../reading/object-reads.js'
import { inOrder, type understandRecords, understoodOrLost } from '../reading/record-reader.js'
import { versionsOfKey } from '../versions/versions-of-key.js'
import type { UndoStep } from './plan-undo.js'
import { atOnce, type Gathered } from './report.js'

const batchSize = 64

/** The records as they were, without those that somebody has written since the plan. */
export async function* pastBatches(
  client: Client,
  steps: readonly UndoStep[],
  understand: ReturnType<typeof understandRecords>,
  gathered: Gathered,
  call: Call,
): AsyncGenerator<Batch> {
  const reads = objectReads(client, inFlight(atOnce))
  const work = async (step: UndoStep) => {
    const key = dataKey(step.resource, step.id)
    const [newest] = await versionsOfKey(client, key, 1, call)
    if (newest?.versionId !== step.seen) return { step, meanwhile: true as const }
    const { versionId, bytes } = step.then ?? { versionId: undefined, bytes: undefined }
    const object = await reads.read({ key, versionId, bytes }, call).catch((error: unknown) => {
      if (!isBackupError(error) || error.metadata.wholeStorage !== false) throw error
      return error.message
    })
    if (typeof object === 'string') return { step, lost: object }
    if (object === undefined) return { step, lost: `its version ${versionId} is gone` }
    const record = understoodOrLost(inOrder(object), step.id, understand)
    return 'lost' in record ? { step, lost: record.lost } : { step, record }
  }
  let rows: Row[] = []
  let raw = new Map<string, JsonValue>()
  for await (const { step, ...came } of ordered(steps, atOnce, work)) {
    if (came.meanwhile === true) gathered.changedMeanwhile.push(step.id)
    else if (came.lost !== undefined) gathered.failed.push({ id: step.id, reason: came.lost })
    else if (came.record !== undefined) {
      rows.push(came.record.row)
      if (came.record.raw !== undefined) raw.set(step.id, came.record.raw)
    }
    if (rows.length < batchSize) continue
    yield { rows, raw }
    rows = []
    raw = new Map()
  }
  yield { rows, raw }
}
