import { describeBackup } from '../backup/describe-backup.js'
import { exportLater } from '../backup/export/export-everything.js'
import { type Exported, everyPart, readBack } from '../backup/export/export-resources.js'
import { lossesSince } from '../backup/losses-since.js'
import { baseEntry } from '../backup/parent/base.js'
import { checkParentStays, keepingParent } from '../backup/parent/with-parent.js'
import { rangeText } from '../backup/pieces/id-range.js'
import { signOfLife } from '../backup/sign-of-life.js'
import { type BackupResult, refuseIncomplete, storeManifest } from '../backup/store-manifest.js'
import { contradicted, contradictionsIn } from '../chain/check-manifests.js'
import type { Link } from '../chain/read-index.js'
import { BackupError } from '../errors.js'
import { fileKey, manifestFile } from '../format/layout.js'
import { ordered } from '../streams/ordered.js'
import { checkSizes } from './check-sizes.js'
import { clearAway } from './clear-away.js'
import { committedBackup } from './committed-backup.js'
import { confirmCommitted } from './decision.js'
import { isCommitted } from './find-plan.js'
import { mergePieces } from './merge-pieces.js'
import { type OpenedPlan, openPlan, parseShard } from './open-plan.js'
import { ownManifest } from './own-manifest.js'
import { parentChain, predecessorChain } from './planned-chain.js'
import { readReceipt } from './receipts.js'
import { everyInfo } from './run-shard.js'
import { type CheckedShard, type ShardOptions, shardSchema } from './shard-options.js'
import type { MadePiece, ShardPlan, ShardReceipt } from './shard-plan.js'
import { takeBack } from './take-back.js'

/** Receipts that are read at once. */
const receiptsInFlight = 8

/**
 * Makes a backup of the shards of a plan: checks every receipt, joins what they name, and stores the manifest, with which
 * the backup exists. Losing attempts and the plan are removed afterwards. It may be called again, and twice at once: the
 * backup is made once, and every call gives its result.
 *
 * @throws BackupError `conflict`, `retriable`, where shards are lacking (`metadata.lacking` names them and their ranges);
 * `corrupt` for a receipt or part that is not what a worker stored; and what `backup` throws after it has read.
 */
export async function commitBackup(options: ShardOptions): Promise<BackupResult> {
  const given = parseShard(shardSchema, options)
  const opened = await openPlan(given)
  if ('committed' in opened) return committedBackup(given, opened.committed)
  const { run } = opened
  const isThere = await isCommitted(run.driver, run.directory, run.call)
  const result = (isThere ? undefined : await commit(opened)) ?? (await committedByAnother(given, opened))
  await clearAway(run, result.manifest, opened.found)
  run.onEvent({ type: 'backup-complete', id: run.id, manifest: result.manifest })
  refuseIncomplete(result)
  return result
}

async function committedByAnother(given: CheckedShard, { plan, run }: OpenedPlan): Promise<BackupResult> {
  await confirmCommitted(run, run.call, async () => checkParentStays(await parentChain(plan, run), run))
  return committedBackup(given, run.directory)
}

/** Nothing if there is a manifest already. */
async function commit(opened: OpenedPlan): Promise<BackupResult | undefined> {
  const { plan, run } = opened
  const manifest = fileKey(run.directory, manifestFile)
  const own = ownManifest(run.driver, manifest)
  let chain: readonly Link[] | undefined
  try {
    const receipts = await readReceipts(opened)
    chain = await parentChain(plan, run)
    const make = async () => {
      const result = await makeManifest({ ...opened, run: { ...run, driver: own.driver } }, receipts, chain)
      await checkParentStays(chain, run)
      return result
    }
    return await signOfLife(run, () => keepingParent(run, chain, make))
  } catch (error) {
    const failure = run.call.signal.aborted ? run.call.signal.reason : error
    await takeBack(opened, { own, chain, failure })
    run.call.signal.throwIfAborted()
    // The manifest is another coordinator's, or ours and only the answer was lost.
    if (await isCommitted(run.driver, run.directory, run.call)) return undefined
    throw failure
  }
}

async function readReceipts(opened: OpenedPlan): Promise<ShardReceipt[]> {
  const receipts: ShardReceipt[] = []
  const lacking: number[] = []
  const indices = opened.plan.shards.keys()
  const read = async (index: number) => ({ index, receipt: await readReceipt(opened, index) })
  for await (const { index, receipt } of ordered(indices, receiptsInFlight, read))
    if (receipt === undefined) lacking.push(index)
    else receipts.push(receipt)
  if (lacking.length > 0) throw lacks(opened, lacking)
  return receipts
}

async function makeManifest(
  opened: OpenedPlan,
  receipts: readonly ShardReceipt[],
  chain: readonly Link[] | undefined,
): Promise<BackupResult> {
  const { plan, run, place } = opened
  const { description, series } = plan
  // One shard more than planned, for what this process itself must read.
  const { output } = opened.outputFor(plan.shards.length)
  const merged = merge(opened, receipts, { chain, namesLeft: output.namesLeft })
  const predecessor = run.source.changing === true ? await predecessorChain(plan, run) : undefined
  const exported = await exportLater(description, merged, { chain, predecessor }, run, output)
  const parts = everyPart(exported, output.encrypted)
  await checkSizes(parts, run, run.call)
  run.onEvent({ type: 'backup-phase', id: run.id, phase: 'reading-back' })
  // The receipts of an encrypted backup say that its parts were read back, and only a holder of the key can have
  // written them.
  const again =
    place.cipher === undefined
      ? parts
      : parts.filter(({ file }) => run.keys.includes(fileKey(run.directory, file)))
  const readAgain = await readBack(again, run)
  const compared = readAgain && receipts.every((receipt) => receipt.compared)
  const losses = await lossesSince(chain?.at(-1)?.manifest, exported, { run, series })
  const times = receipts.map(({ readUntil }) => Date.parse(readUntil))
  const readUntil = new Date(times.reduce((last, time) => Math.max(last, time), run.startedAt.getTime()))
  const completedAt = run.now()
  const made = { description, series, chain, exported, readUntil, completedAt, compared, losses }
  const manifest = describeBackup(made, run, output)
  const problem = contradicted(manifest, contradictionsIn(manifest, chain?.at(-1)?.manifest))
  if (problem !== undefined) throw problem
  return storeManifest(manifest, run, output)
}

/** Resource by resource, in the order of the plan. */
function merge(
  { plan, run }: OpenedPlan,
  receipts: readonly ShardReceipt[],
  {
    chain,
    namesLeft,
  }: { readonly chain: readonly Link[] | undefined; readonly namesLeft: { count: number } },
): Exported {
  const pieces = new Map<string, MadePiece[]>()
  for (const piece of receipts.flatMap((receipt) => receipt.pieces)) {
    const others = pieces.get(piece.entry.name)
    if (others === undefined) pieces.set(piece.entry.name, [piece])
    else others.push(piece)
  }
  const merged = everyInfo(plan).map((info) =>
    mergePieces({
      resource: info.name,
      pieces: pieces.get(info.name) ?? [],
      base: chain === undefined ? undefined : baseEntry(chain, info),
      namesLeft,
      ranges: run.source.ranges,
    }),
  )
  const count = plan.description.resources.length
  return { resources: merged.slice(0, count), internal: merged.slice(count) }
}

function lacks({ run: { id }, plan }: OpenedPlan, lacking: readonly number[]): BackupError {
  const some = lacking.slice(0, 10).join(', ')
  const more = lacking.length > 10 ? ` and ${lacking.length - 10} more` : ''
  return new BackupError(
    'conflict',
    `Backup '${id}' lacks ${lacking.length} of ${plan.shards.length} shards: ${some}${more}`,
    {
      retriable: true,
      suggestion: 'Run these shards, then commit again. Nothing was changed.',
      metadata: { backupId: id, lacking: lacking.slice(0, 100).map((index) => described(plan, index)) },
    },
  )
}

function described({ shards }: ShardPlan, index: number) {
  const ranges = (shards[index] ?? []).map(({ resource, range }) => `${resource}: ${rangeText(range)}`)
  return { index, ranges }
}
