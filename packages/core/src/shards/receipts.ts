import { isBackupError } from '../errors.js'
import { fileKey, receiptFile, shardOfPart } from '../format/layout.js'
import type { OpenedPlan } from './open-plan.js'
import { forged, openShardNote, readShardNote } from './shard-note.js'
import { type PlannedPiece, receiptSchema, type ShardReceipt } from './shard-plan.js'

/** The receipt of a shard; `undefined` if there is none. Throws `corrupt` for one that does not belong to this plan. */
export async function readReceipt(
  { plan, place, run }: Pick<OpenedPlan, 'plan' | 'place' | 'run'>,
  index: number,
): Promise<ShardReceipt | undefined> {
  const file = receiptFile(index)
  const bytes = await readShardNote(place, file, run.call).catch((error: unknown) => {
    if (isBackupError(error, 'not_found')) return undefined
    throw error
  })
  if (bytes === undefined) return undefined
  const receipt = await openShardNote(place, { file, bytes, schema: receiptSchema }, run.call)
  const problem = problemOf(receipt, { index, claim: plan.claim, pieces: plan.shards[index] ?? [] })
  if (problem !== undefined) throw forged(fileKey(place.directory, file), problem)
  return receipt
}

/** Why a receipt is not that of this shard, if it is not. */
function problemOf(
  { claim, index, attempt, pieces }: ShardReceipt,
  wanted: { readonly index: number; readonly claim: string; readonly pieces: readonly PlannedPiece[] },
): string | undefined {
  if (claim !== wanted.claim) return 'it is the receipt of another plan'
  if (index !== wanted.index) return `it is the receipt of shard ${index}`
  if (pieces.length !== wanted.pieces.length) return 'its pieces differ from the plan'
  const files = new Set<string>()
  for (const [at, { entry, parts }] of pieces.entries()) {
    const resource = wanted.pieces[at]?.resource
    if (entry.name !== resource)
      return `it has ${JSON.stringify(entry.name)} in the place of ${JSON.stringify(resource)}`
    for (const part of parts) {
      const label = shardOfPart(part.file)
      if (part.resource !== resource) return `${part.file} is of another resource`
      if (label?.index !== index || label.attempt !== attempt) return `${part.file} is not one of its parts`
      if (files.size === files.add(part.file).size) return `it names ${part.file} twice`
    }
  }
  return undefined
}
