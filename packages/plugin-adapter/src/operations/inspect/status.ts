import { BackupError, isBackupError } from '@s3db-backup/core'
import {
  catalogOf,
  checkBackupId,
  deleted,
  failed,
  type Inventory,
  inventory,
  parseOptions,
  type Unfinished,
  unfinished,
} from '@s3db-backup/core/internal'
import type { PluginContext, Storage } from '../../context/plugin-context.js'
import { type ListUnfinishedCall, listUnfinishedCallSchema } from '../../options/call-options.js'
import { type DeletedBackup, describeDeleted } from '../deleted-backups.js'
import { describeDamaged, describeListed, type ListedBackup } from '../results.js'
import { missingAncestorOf } from './missing-ancestor.js'
import { readable } from './readable.js'

/**
 * A backup without a manifest, which cannot be restored. `in-progress`: started by any process, and young enough to be
 * running, or with a sign of life. `incomplete`: started longer ago than `staleAfter`, without a sign of life since;
 * its process died. `failed`: it failed or was cancelled, and what it wrote was taken back.
 */
export interface UnfinishedBackup {
  readonly id: string
  readonly type: string
  readonly status: 'in-progress' | 'incomplete' | 'failed'
  readonly path: string
  /** Bytes that lie at the destination so far. */
  readonly size: number
  /** Only what has a manifest has one. */
  readonly checksum: null
  /** Its start, ISO 8601, UTC; unknown of one that failed and could not leave a note of it. */
  readonly timestamp: string | null
  /**
   * For a failed backup the error itself, in the process that made it; in others its code and operation, as in the
   * error table, with `metadata.failedAt` and `metadata.cancelled`. For an `incomplete` one: that it never finished.
   * `null` while it is `in-progress`.
   */
  readonly error: unknown
}

export type BackupStatus = ListedBackup | UnfinishedBackup | DeletedBackup

/** The destination, and what this process is doing and did. */
type StatusContext = Storage & Pick<PluginContext, 'config' | 'failures' | 'running'>

/** `plugin.getBackupStatus(id)`: what is known of one backup, or `null`, from one listing. Needs no database. */
export async function backupStatus(context: StatusContext, backupId: string): Promise<BackupStatus | null> {
  checkBackupId(backupId, 'status')
  const here = await look(context)
  const status = await statusIn(here, context, backupId)
  const isThere = here.directories.some(({ id }) => id === backupId)
  // During a deletion, for example, one look may miss what the next one sees.
  return status === null && isThere ? statusIn(await look(context), context, backupId) : status
}

/** `plugin.listBackups({ unfinished: true })`: what was begun and has no manifest, the latest first, from one listing. */
export async function listUnfinished(
  context: StatusContext,
  options: ListUnfinishedCall,
  known?: Inventory | undefined,
): Promise<UnfinishedBackup[]> {
  const { signal } = parseOptions(listUnfinishedCallSchema, options, {
    what: 'options of listBackups() for unfinished backups',
    operation: 'list',
  })
  const { driver } = context.destination
  const here = known ?? (await inventory(driver, { staleAfter: context.config.staleAfter, signal }))
  const begun = await unfinished({ driver, inventory: here, signal })
  const gaveUp = await failed({ driver, inventory: here, signal })
  const failures = await Promise.all(gaveUp.map(({ id }) => failureOf(here, context, id)))
  const found = [
    ...begun.map((each) => describeUnfinished(each, context)),
    ...failures.filter((each) => each !== undefined),
  ]
  // A backup that failed and left files behind is in both lists.
  const each = [...new Map(found.map((one) => [one.id, one])).values()]
  return each.sort((a, b) => Date.parse(b.timestamp ?? '') - Date.parse(a.timestamp ?? '') || 0)
}

function look({ destination: { driver, manifests }, config }: StatusContext): Promise<Inventory> {
  return inventory(driver, { staleAfter: config.staleAfter, cache: manifests })
}

async function statusIn(
  here: Inventory,
  context: StatusContext,
  backupId: string,
): Promise<BackupStatus | null> {
  const { destination } = context
  try {
    const entry = await readable(await catalogOf(here).get(backupId), context, { inventory: here })
    return { ...describeListed(entry, destination), ...(await missingAncestorOf(entry, here)), error: null }
  } catch (error) {
    if (isBackupError(error, 'not_found')) return withoutManifest(here, context, backupId)
    if (!isBackupError(error, 'corrupt') && !isBackupError(error, 'incompatible_format')) throw error
    const lying = here.directories.find(({ id, holding }) => id === backupId && holding === 'backup')
    const directory = lying?.directory ?? backupId
    return describeDamaged({ id: backupId, directory, problem: error }, destination)
  }
}

/** Another destination may have been tried after one that failed: what is being made counts more. */
async function withoutManifest(
  here: Inventory,
  context: StatusContext,
  backupId: string,
): Promise<UnfinishedBackup | DeletedBackup | null> {
  const { driver } = context.destination
  const wasDeleted = here.directories.some(({ id, holding }) => id === backupId && holding === 'deleted')
  const gone = wasDeleted
    ? (await deleted({ driver, inventory: here })).find(({ id }) => id === backupId)
    : undefined
  if (gone !== undefined) return describeDeleted(gone, context.destination)
  const failure = await failureOf(here, context, backupId)
  if (failure !== undefined && !context.running.ids.has(backupId)) return failure
  const [begun] = await unfinished({ driver, id: backupId, inventory: here })
  return begun === undefined ? (failure ?? null) : describeUnfinished(begun, context)
}

async function failureOf(
  here: Inventory,
  { destination, failures }: Pick<StatusContext, 'destination' | 'failures'>,
  backupId: string,
): Promise<UnfinishedBackup | undefined> {
  const seen = failures.get(backupId)
  const [note] = await failed({ driver: destination.driver, id: backupId, inventory: here })
  const type = seen?.type ?? note?.type
  if (type === undefined) return undefined
  return {
    id: backupId,
    type,
    status: 'failed',
    path: destination.locate(note?.directory ?? backupId),
    size: note?.bytes ?? 0,
    checksum: null,
    timestamp: note?.startedAt ?? null,
    error: seen?.error ?? note?.error,
  }
}

function describeUnfinished(
  { id, type, directory, startedAt, abandoned, bytes }: Unfinished,
  { destination, running }: Pick<StatusContext, 'destination' | 'running'>,
): UnfinishedBackup {
  const underWay = !abandoned || running.ids.has(id)
  return {
    id,
    type,
    status: underWay ? 'in-progress' : 'incomplete',
    path: destination.locate(directory),
    size: bytes,
    checksum: null,
    timestamp: startedAt,
    error: underWay ? null : neverFinished(id, startedAt),
  }
}

function neverFinished(backupId: string, startedAt: string): BackupError {
  return new BackupError(
    'incomplete',
    `Backup '${backupId}' was started at ${startedAt} and never finished`,
    {
      operation: 'status',
      suggestion: 'Back up again; cleanupBackups() removes the leftovers of this one.',
      metadata: { backupId, startedAt },
    },
  )
}
