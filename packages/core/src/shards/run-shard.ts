import { exportOne } from '../backup/export/export-one.js'
import { readBack } from '../backup/export/export-resources.js'
import { baseOfPiece } from '../backup/parent/base.js'
import { keepingParent } from '../backup/parent/with-parent.js'
import { signOfLife } from '../backup/sign-of-life.js'
import type { Link } from '../chain/read-index.js'
import { BackupError, isBackupError } from '../errors.js'
import { fileKey, planFile, receiptFile } from '../format/layout.js'
import { isListed } from '../inventory/is-listed.js'
import type { ResourceInfo } from '../ports/source.js'
import { chooseObjects } from '../select-objects.js'
import { ordered } from '../streams/ordered.js'
import { discard } from './discard.js'
import { isCommitted } from './find-plan.js'
import { type OpenedPlan, openPlan, parseShard } from './open-plan.js'
import { parentChain, predecessorChain } from './planned-chain.js'
import { readReceipt } from './receipts.js'
import { storeShardNote } from './shard-note.js'
import { type RunShardOptions, runShardSchema } from './shard-options.js'
import type { MadePiece, PlannedPiece, ShardPlan, ShardReceipt } from './shard-plan.js'

/** The outcome of a shard. */
export interface ShardResult {
  readonly id: string
  readonly index: number
  /**
   * `stored`: this process read and stored it. `stored-before`: another one had, or was faster. `committed`: the backup is
   * complete already.
   */
  readonly outcome: 'stored' | 'stored-before' | 'committed'
  /** Records that this process stored. */
  readonly records: number
  /** Bytes that they take. */
  readonly bytes: number
}

/**
 * Reads one shard of a planned backup, stores its parts and then a receipt. It may be run again, and twice at once:
 * each attempt's parts have their own names, the storage accepts one receipt, and the files of the other attempt are
 * removed. An unfinished attempt leaves nothing that counts.
 *
 * @throws BackupError `not_found` where there is no such plan or shard, `conflict` where what it builds on is gone,
 * `undecryptable`, `corrupt`, `invalid_options` where this process is configured otherwise than the plan, and what
 * `backup` throws while it reads.
 */
export async function runShard(options: RunShardOptions): Promise<ShardResult> {
  const { index, ...given } = parseShard(runShardSchema, options)
  const opened = await openPlan(given)
  const nothing = { id: given.id, index, records: 0, bytes: 0 }
  if ('committed' in opened) return { ...nothing, outcome: 'committed' }
  const { plan, run } = opened
  const pieces = plan.shards[index]
  if (pieces === undefined) throw noSuchShard(given.id, index, plan)
  if (await isCommitted(run.driver, run.directory, run.call)) return { ...nothing, outcome: 'committed' }
  if ((await readReceipt(opened, index)) !== undefined) return { ...nothing, outcome: 'stored-before' }
  const making = opened.outputFor(index)
  let isAsked = false
  try {
    const chain = await parentChain(plan, run)
    const read = () => readShard(opened, { index, pieces, chain, ...making })
    const receipt = await signOfLife(run, () => keepingParent(run, chain, read))
    isAsked = true
    const isOurs = await storeReceipt(opened, receipt)
    if (!isOurs) await discard(run)
    const parts = receipt.pieces.flatMap((piece) => piece.parts)
    if (!isOurs) return { ...nothing, outcome: 'stored-before' }
    return {
      ...nothing,
      outcome: 'stored',
      records: receipt.pieces.reduce((sum, { entry }) => sum + entry.recordCount, 0),
      bytes: parts.reduce((sum, part) => sum + part.bytes, 0),
    }
  } catch (error) {
    const failure = run.call.signal.aborted ? run.call.signal.reason : error
    // A receipt that the storage was asked to take may be there, or arrive later, and names these parts. Without it they
    // do no harm, and go with the plan.
    if (isAsked) run.onEvent({ type: 'leftover', id: given.id, keys: [...run.keys], error: failure })
    else await discard(run)
    throw failure
  }
}

type Making = ReturnType<OpenedPlan['outputFor']>

async function readShard(
  opened: OpenedPlan,
  {
    index,
    pieces,
    chain,
    output,
    attempt,
  }: {
    readonly index: number
    readonly pieces: readonly PlannedPiece[]
    readonly chain: readonly Link[] | undefined
  } & Making,
): Promise<ShardReceipt> {
  const { plan, run } = opened
  const earlier = chain ?? (await predecessorChain(plan, run))
  const names = new Set(plan.description.resources.map(({ name }) => name))
  const objects = chooseObjects(run.selection, names)
  const infos = new Map(everyInfo(plan).map((info) => [info.name, info]))
  const made: MadePiece[] = []
  const work = async ({ resource, range, first }: PlannedPiece): Promise<MadePiece> => {
    const info = infos.get(resource)
    if (info === undefined) throw new BackupError('corrupt', `The plan does not describe ${resource}`)
    const from = chain === undefined ? undefined : baseOfPiece(chain, info, range)
    const one = { info, objects, base: from?.base, earlier, piece: { range, first } }
    const { entry, parts } = await exportOne(one, run, output)
    return { entry, parts, before: from?.state() ?? null }
  }
  for await (const piece of ordered(pieces, plan.concurrency, work)) made.push(piece)
  const readUntil = run.now().toISOString()
  const parts = made.flatMap((piece) => piece.parts)
  const compared = await readBack(parts, run)
  return { claim: plan.claim, index, attempt, readUntil, compared, pieces: made }
}

export function everyInfo({ description }: ShardPlan): ResourceInfo[] {
  return [...description.resources, ...(description.internal ?? [])]
}

/** Whether the storage took it, and the plan is still one: then the parts of this attempt are those that count. */
async function storeReceipt(opened: OpenedPlan, receipt: ShardReceipt): Promise<boolean> {
  const { place, run } = opened
  const { driver, directory, call } = run
  const file = receiptFile(receipt.index)
  try {
    await storeShardNote(place, file, { content: receipt }, call)
  } catch (error) {
    if (!isBackupError(error, 'conflict')) throw error
    // The stored receipt may be this one, if the answer to its upload was lost.
    if ((await readReceipt(opened, receipt.index))?.attempt !== receipt.attempt) return false
  }
  // Meanwhile the plan was aborted, or committed with the parts of another attempt.
  const isOver =
    (await isCommitted(driver, directory, call)) ||
    !(await isListed(driver, fileKey(directory, planFile), call))
  if (isOver) run.keys.push(fileKey(directory, file))
  return !isOver
}

function noSuchShard(id: string, index: number, { shards }: ShardPlan): BackupError {
  return new BackupError(
    'not_found',
    `The plan of backup '${id}' has ${shards.length} shards but none with index ${index}`,
    {
      suggestion: `Give an index from 0 to ${shards.length - 1}.`,
      metadata: { backupId: id, index },
    },
  )
}
