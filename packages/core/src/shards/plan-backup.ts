import { announceStart } from '../backup/announce-start.js'
import { type Run, startRun } from '../backup/backup-run.js'
import { beginOutput, type Encrypted } from '../backup/begin-output.js'
import { type Chosen, chooseResources } from '../backup/choose-resources.js'
import { claimDirectory } from '../backup/claim.js'
import { seriesOf } from '../backup/describe-backup.js'
import { openPredecessor } from '../backup/parent/predecessor.js'
import { withParent } from '../backup/parent/with-parent.js'
import { takingBackOnFailure } from '../backup/rollback.js'
import type { Link } from '../chain/read-index.js'
import { BackupError, isBackupError } from '../errors.js'
import { fileKey, planFile } from '../format/layout.js'
import { defaultGrace } from '../inventory/started.js'
import { storeLease } from '../leases/with-lease.js'
import { parseOptions } from '../options.js'
import type { Description } from '../ports/source.js'
import { untilAborted } from '../streams/abortable.js'
import { bordersOf } from './borders.js'
import { cutShards } from './cut-shards.js'
import { openNewKeys } from './open-plan.js'
import { toPlanned } from './planned-chain.js'
import { storeShardNote } from './shard-note.js'
import { type PlanOptions, shardCountSchema } from './shard-options.js'
import type { PlannedPiece, ShardPlan } from './shard-plan.js'

/** A backup that was planned: its shards can be run in any order and by any process. */
export interface PlannedBackup {
  /** The id of the backup, and of its plan. */
  readonly id: string
  /** Relative to the driver's root. */
  readonly directory: string
  /** How many there are: `runShard` takes each index below it. */
  readonly shards: number
  /** The backup that it builds on; `null` for a full one. */
  readonly parent: string | null
  /** Records that were there, more or less. */
  readonly expected: number
}

/**
 * Plans a backup that several processes make: claims its directory, describes the source, makes the key, chooses what
 * an incremental backup builds on, and cuts the resources into ranges of ids. The plan is stored in the backup's
 * directory; those who run it need only its id.
 *
 * A lease keeps the parent for a day, and longer while a shard is being run.
 *
 * @throws BackupError what `backup` throws before it reads, and `undecryptable` where this configuration could not open
 * what it encrypts: the processes that share a backup share its key.
 *
 * @example
 * ```ts
 * import { commitBackup, type Driver, planBackup, runShard, type Source } from '@s3db-backup/core'
 *
 * async function inThreePieces(source: Source, driver: Driver) {
 *   const { id, shards } = await planBackup({ source, driver, shards: 3 })
 *   for (let index = 0; index < shards; index++) await runShard({ source, driver, id, index })
 *   return commitBackup({ source, driver, id })
 * }
 * ```
 */
export async function planBackup({ shards: wanted, ...options }: PlanOptions): Promise<PlannedBackup> {
  const most = parseOptions(shardCountSchema, wanted, { what: 'number of shards', operation: 'backup' })
  const run = startRun({ ...options, dryRun: false })
  return takingBackOnFailure(run, async () => {
    await claimDirectory(run)
    const { encrypted } = await beginOutput(run)
    await checkWorkersCanOpen(encrypted, run)
    const description = await untilAborted(() => run.source.describe(run.call), run.call.signal)
    checkOrigin(description)
    const chosen = chooseResources(description, run.selection)
    const series = seriesOf(description, run)
    return withParent(run, series, async (chain) => {
      announceStart(chosen, chain, run)
      const predecessor = chain === undefined ? (await openPredecessor(run, series))?.chain : undefined
      const earlier = chain ?? predecessor
      const shards = await cut(chosen, earlier, most, run)
      const lease = await keepFor(chain ?? [], run)
      const compared = run.source.secondLook === undefined ? undefined : predecessor
      const links = { chain: chain ?? null, predecessor: compared ?? null }
      const plan = describePlan(run, {
        description: onlyChosen(description, chosen),
        series,
        encrypted,
        links,
        shards,
      })
      await store(plan, { encrypted, lease }, run)
      return summaryOf(plan, run)
    })
  })
}

async function cut(
  { resources, internal }: Chosen,
  earlier: readonly Link[] | undefined,
  most: number,
  { source, call }: Run,
): Promise<PlannedPiece[][]> {
  const cuttable = []
  for (const { name } of resources)
    cuttable.push({ resource: name, borders: await bordersOf(name, { earlier, source }, call) })
  return cutShards(
    cuttable,
    internal.map(({ name }) => name),
    most,
  )
}

/** A process that can only encrypt can neither check the work of others nor compare with an earlier backup. */
async function checkWorkersCanOpen(encrypted: Encrypted | undefined, run: Run): Promise<void> {
  const { driver, id, directory, encryption, call } = run
  if (encrypted === undefined || encryption === undefined) return
  try {
    await openNewKeys(driver, { id, directory, keyFile: encrypted.info.keyFile }, encryption, call)
  } catch (error) {
    if (!isBackupError(error, 'undecryptable')) throw error
    throw new BackupError('undecryptable', 'This configuration can encrypt a backup but cannot open it', {
      suggestion:
        'A backup in shards needs a key that opens it: a private key, a passphrase or KMS. With a public key alone, take the backup in one process.',
      metadata: { backupId: id },
      cause: error,
    })
  }
}

function checkOrigin({ origin }: Description): void {
  if (origin === undefined) return
  throw new BackupError(
    'unsupported',
    'A chain of backups can only be consolidated by one process, not in shards',
  )
}

/** The plan does not reveal the names of other resources. The commit looks for resources that were added since. */
function onlyChosen(description: Description, { resources, internal }: Chosen): Description {
  return { ...description, resources, internal }
}

/** The shards may wait in a queue for hours. Until they have run, a lease keeps the plan and what it builds on. */
async function keepFor(chain: readonly Link[], run: Run): Promise<string | undefined> {
  const backups = [...chain.map(({ manifest }) => manifest.id), run.id]
  const timed = { ...run.call, now: run.now }
  const purpose = { kind: 'use', operation: 'backup', backups } as const
  return storeLease(run.driver, purpose, run.now(), timed, defaultGrace).catch((error: unknown) => {
    run.call.signal.throwIfAborted()
    if (isBackupError(error)) return undefined
    throw error
  })
}

interface Parts {
  readonly description: Description
  readonly series: string
  readonly encrypted: Encrypted | undefined
  readonly links: { readonly chain: readonly Link[] | null; readonly predecessor: readonly Link[] | null }
  readonly shards: readonly (readonly PlannedPiece[])[]
}

function describePlan(run: Run, { description, series, encrypted, links, shards }: Parts): ShardPlan {
  const { claim, type, selection, verify, metadata, maxPartBytes } = run
  return {
    claim,
    type,
    startedAt: run.startedAt.toISOString(),
    series,
    description,
    selection: { resources: selection.resources ?? null, exclude: selection.exclude ?? null },
    filter: run.filter?.label ?? null,
    codecs: run.codecs.map(({ id }) => id),
    maxPartBytes,
    verify,
    concurrency: run.resourcesInFlight,
    metadata,
    encryption: encrypted === undefined ? null : { info: encrypted.info, keys: encrypted.keys },
    chain: links.chain === null ? null : toPlanned(links.chain),
    predecessor: links.predecessor === null ? null : toPlanned(links.predecessor),
    shards,
  }
}

async function store(
  plan: ShardPlan,
  { encrypted, lease }: { readonly encrypted: Encrypted | undefined; readonly lease: string | undefined },
  run: Run,
): Promise<void> {
  const { claim, type, startedAt, shards, encryption } = plan
  const head = { claim, type, startedAt, count: shards.length, lease, keyFile: encryption?.info.keyFile }
  const place = { driver: run.driver, id: run.id, directory: run.directory, cipher: encrypted?.cipher }
  run.keys.push(fileKey(run.directory, planFile))
  if (lease !== undefined) run.keys.push(lease)
  await storeShardNote(place, planFile, { head, content: plan }, run.call)
}

function summaryOf({ shards, chain }: ShardPlan, { id, directory }: Run): PlannedBackup {
  const expected = shards.flat().reduce((sum, piece) => sum + piece.expected, 0)
  return { id, directory, shards: shards.length, parent: chain?.at(-1)?.id ?? null, expected }
}
