import { randomBytes } from 'node:crypto'
import type { Link } from '../../chain/read-index.js'
import { BackupError, during, isBackupError } from '../../errors.js'
import { openKeys } from '../../format/key-files.js'
import { defaultGrace } from '../../inventory/started.js'
import { keepingChain } from '../../leases/keep-chain.js'
import { storeLease } from '../../leases/with-lease.js'
import { entryOf } from '../../manifest.js'
import { parseOptions } from '../../options.js'
import type { BackupCipher } from '../../ports/encryption.js'
import { guard } from '../../ports/guard.js'
import type { Target, WriteReport } from '../../ports/target.js'
import { checkPlan, planRestore, type ReadPlan } from '../../restore/plan-restore.js'
import {
  type CheckedRestore,
  parseRestoreOptions,
  type RestoreOptions,
} from '../../restore/restore-options.js'
import { bordersIn } from '../borders.js'
import { cutShards } from '../cut-shards.js'
import { toPlanned } from '../planned-chain.js'
import { storeShardNote } from '../shard-note.js'
import { shardCountSchema } from '../shard-options.js'
import type { PlannedPiece } from '../shard-plan.js'
import { planNote, restorePlace } from './restore-place.js'
import { type StoredRestore, targetPlan } from './restore-plan.js'

/** A restore that several processes do, and into how many pieces it is cut. */
export interface OpenRestoreOptions extends Omit<RestoreOptions, 'ids' | 'dryRun'> {
  /** So many shards. Where there is less to write, some are empty. */
  readonly shards: number
}

/** A restore whose target is open: its shards can be run in any order and by any process. */
export interface OpenedRestore {
  /** The id of the restore. */
  readonly restore: string
  /** The backup. */
  readonly id: string
  readonly shards: number
}

/**
 * Opens a restore that several processes do: checks the whole backup (`verify`, the default), makes the target's
 * resources, cuts their records into ranges, and stores that at the destination. `restoreShard` writes one shard,
 * `finishRestore` what comes once and last.
 *
 * @throws BackupError as `restore` does, and `unsupported` for a target that is not written in ranges.
 */
export async function openRestore({
  shards: wanted,
  ...options
}: OpenRestoreOptions): Promise<OpenedRestore> {
  const count = parseOptions(shardCountSchema, wanted, { what: 'number of shards', operation: 'restore' })
  const given = parseRestoreOptions(options)
  try {
    checkTarget(given.target)
    const plan = await planRestore(given)
    return await keepingChain(plan.chain, { name: 'restore', operation: 'restore' }, async () => {
      if (given.verify) await checkPlan(plan)
      return await openTarget(plan, given, count)
    })
  } catch (error) {
    throw during('restore', error)
  }
}

async function openTarget(plan: ReadPlan, given: CheckedRestore, count: number): Promise<OpenedRestore> {
  const { target, id, driver } = given
  const call = { signal: given.signal }
  const shards = await cut(plan, count)
  await target.open(targetPlan(plan, given), call)
  const opened: Record<string, WriteReport> = {}
  // An empty write reports what could not be created for each resource.
  for (const { name } of plan.resources)
    opened[name] = withRecords(await target.write(name, nothing(), { ...call, range: noIds }), plan, name)
  const restore = `restore-${randomBytes(8).toString('hex')}`
  const guarded = guard(driver)
  const backups = plan.chain.map(({ manifest }) => manifest.id)
  const purpose = { kind: 'use', operation: 'restore', backups } as const
  const now = () => new Date()
  const lease = await storeLease(guarded, purpose, now(), { ...call, now }, defaultGrace).catch(
    (error: unknown) => {
      call.signal.throwIfAborted()
      if (isBackupError(error)) return undefined
      throw error
    },
  )
  const stored: StoredRestore = {
    backupId: id,
    mode: given.mode,
    rename: given.rename,
    resources: given.resources ?? null,
    exclude: given.exclude ?? null,
    allowIncomplete: given.allowIncomplete,
    filter: given.filter?.label ?? null,
    startedAt: now().toISOString(),
    chain: toPlanned(plan.chain),
    lease: lease ?? null,
    opened,
    shards: shards.map((pieces) => pieces.filter(({ resource }) => opened[resource]?.refused === undefined)),
  }
  const place = restorePlace(guarded, restore, await cipherFor(plan.chain, given))
  const head = { backup: toPlanned(plan.chain).at(-1), startedAt: stored.startedAt }
  await storeShardNote(place, planNote(restore), { head, content: stored }, call)
  return { restore, id, shards: shards.length }
}

const noIds = { after: '', upTo: '' }

async function* nothing(): AsyncGenerator<never> {
  // No records, so that the report contains only what the target says by itself.
}

/** A refused resource is reported with as many records as the backup has of it. */
function withRecords(report: WriteReport, { chain }: ReadPlan, name: string): WriteReport {
  const manifest = chain.at(-1)?.manifest
  const entry = manifest === undefined ? undefined : entryOf(manifest, name)
  if (report.refused === undefined || entry === undefined) return report
  return { ...report, refused: { ...report.refused, records: entry.totalCount } }
}

async function cut({ chain, resources }: ReadPlan, count: number): Promise<PlannedPiece[][]> {
  const cuttable = []
  for (const { name } of resources)
    cuttable.push({ resource: name, borders: (await bordersIn(chain, name)) ?? [] })
  return cutShards(cuttable, [], count)
}

/** Encrypts what is stored of the restore of an encrypted backup. */
async function cipherFor(chain: readonly Link[], given: CheckedRestore): Promise<BackupCipher | undefined> {
  const newest = chain.at(-1)
  if (newest?.manifest.encryption === undefined || given.encryption === undefined) return undefined
  const { manifest, context } = newest
  const entry = { id: manifest.id, directory: context.directory, manifest }
  return openKeys({ driver: context.driver, entry, encryption: given.encryption }, { signal: given.signal })
}

function checkTarget({ ranges }: Target): void {
  if (ranges === true) return
  throw new BackupError('unsupported', 'This target is written by one process at a time', {
    operation: 'restore',
    suggestion: 'Restore without shards.',
  })
}
