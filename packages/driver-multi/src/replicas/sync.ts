import { BackupError, type Call, type Manifest } from '@s3db-backup/core'
import { type CopiedBackup, firstKeyPart, ordered } from '@s3db-backup/core/internal'
import { copyKeyFiles, lacksKeyFiles } from '../copies/key-copy.js'
import { copyManifest } from '../copies/manifest-copy.js'
import { bringPart, placed } from '../copies/part-copy.js'
import { storageFailure } from '../failure.js'
import type { MultiDriver, Replica } from '../multi-driver.js'
import { replicasWith, type Survey, survey, type Whereabouts } from '../states/survey.js'
import { chainOf, involved, toCopy } from './chosen.js'
import { checkKept, keepingEverywhere, type Unkept } from './keep-everywhere.js'

/** A copy that could not be made, or, without an id, a replica that could not be asked. */
export interface NotCopied {
  readonly id?: string | undefined
  readonly replica: string
  readonly error: BackupError
}

/** What `sync` says while it works. */
export type SyncEvent =
  | ({ readonly type: 'copied' } & CopiedBackup)
  | { readonly type: 'copied-part'; readonly id: string; readonly replica: string; readonly file: string }
  | ({ readonly type: 'not-copied' } & NotCopied)

export interface SyncOptions {
  readonly multi: MultiDriver
  /** Only this backup and those that it needs. Every backup if left out. */
  readonly id?: string | undefined
  /** Only to these of the replicas. To all if left out. */
  readonly to?: readonly Replica[] | undefined
  readonly signal?: AbortSignal | undefined
  /** Called synchronously; what it throws fails the call. */
  readonly onEvent?: ((event: SyncEvent) => void) | undefined
}

interface Syncing {
  readonly call: Call
  readonly copied: CopiedBackup[]
  readonly notCopied: NotCopied[]
  readonly onEvent: (event: SyncEvent) => void
}

/**
 * Copies backups to the replicas that have no manifest of them: parents before children, the parts first, each checked
 * against its hash on the way and read back at its destination, the manifest last. A part that is already there and
 * sound is not copied again, so a sync that failed or was aborted continues where it stopped. Do not run it on a backup
 * that is still being made. While it runs, a lease at each replica keeps what it copies from being removed; a removal
 * that has begun is waited for, up to 90 seconds.
 *
 * @throws BackupError `not_found` (no replica has the backup), `broken_chain` (none has an ancestor), `incomplete`
 * with `metadata.copied` and `metadata.notCopied` if something could not be copied; the rest was.
 */
export async function sync(options: SyncOptions): Promise<{ readonly copied: readonly CopiedBackup[] }> {
  const {
    multi,
    id,
    to = options.multi.replicas,
    signal = new AbortController().signal,
    onEvent = () => undefined,
  } = options
  const first = await survey({ multi, signal })
  const chosen = id === undefined ? first.backups : chainOf(id, first)
  const copying = toCopy(chosen, to)
  const syncing: Syncing = { call: { signal }, copied: [], notCopied: [], onEvent }
  const copy = (found: Survey, unkept: Unkept) => copyAll({ id, to, multi }, { ...syncing, found, unkept })
  if (copying.length === 0) await copy(first, new Map())
  else {
    const backups = copying.map((backup) => backup.id)
    const kept = { operation: 'sync', backups, replicas: involved(copying, to), first } as const
    await keepingEverywhere(kept, { signal }, copy)
  }
  if (syncing.notCopied.length === 0) return { copied: syncing.copied }
  throw unfinished(syncing)
}

interface Copying extends Syncing {
  readonly found: Survey
  readonly unkept: Unkept
}

/** What is to be copied, and where. */
interface Wanted extends Pick<SyncOptions, 'multi' | 'id'> {
  readonly to: readonly Replica[]
}

async function copyAll({ id, to, multi }: Wanted, syncing: Copying): Promise<void> {
  const { found } = syncing
  const wanted = id === undefined ? found.backups : chainOf(id, found)
  for (const { replica, error } of found.unreachable.filter((one) => to.includes(one.replica)))
    notCopied(syncing, { replica: replica.name, error })
  for (const { id: unread, lacking, error } of id === undefined ? found.unreadable : [])
    for (const replica of lacking.filter((one) => to.includes(one)))
      notCopied(syncing, { id: unread, replica: replica.name, error })
  const filling = ordered(to, multi.concurrency, (replica) => fill(replica, wanted, syncing))
  for await (const _ of filling);
}

/** Copies to one replica what it lacks, one backup after the other. */
async function fill(to: Replica, wanted: readonly Whereabouts[], syncing: Copying): Promise<void> {
  const failed = new Set<string | null>()
  for (const backup of wanted) {
    const { manifest } = backup.copies[0].entry
    try {
      if (!backup.lacking.includes(to)) {
        await bringKeys(backup, to, syncing)
        continue
      }
      if (failed.has(manifest.parent)) throw withoutParent(manifest)
      checkKept(to, syncing.unkept)
      await copyBackup(backup, to, syncing)
    } catch (error) {
      failed.add(backup.id)
      const failure = storageFailure(error, syncing.call.signal)
      notCopied(syncing, { id: backup.id, replica: to.name, error: failure })
    }
  }
}

/** Brings the key files that a replica has missed of a backup that it has. */
async function bringKeys(backup: Whereabouts, to: Replica, { call, found }: Copying): Promise<void> {
  if (!(await lacksKeyFiles(backup, to, call))) return
  const kept = {
    operation: 'sync',
    backups: [backup.id],
    replicas: replicasWith(backup),
    first: found,
  } as const
  await keepingEverywhere(kept, call, async ({ backups }, unkept) => {
    checkKept(to, unkept)
    const now = backups.find(({ id }) => id === backup.id)
    if (now !== undefined && !now.lacking.includes(to)) await copyKeyFiles(now, to, call)
  })
}

async function copyBackup(
  backup: Whereabouts,
  to: Replica,
  { call, copied, onEvent }: Syncing,
): Promise<void> {
  const { id, directory, copies } = backup
  const { manifest } = copies[0].entry
  const keys = firstKeyPart(manifest)
  // Key files are rotated, so the storage, not the manifest, knows which exist.
  const parts = manifest.parts.filter((part) => part !== keys)
  const sources = copies.map(({ replica }) => replica)
  for (const part of parts) {
    await bringPart(sources, to, placed(directory, part), call)
    onEvent({ type: 'copied-part', id, replica: to.name, file: part.file })
  }
  await copyKeyFiles(backup, to, call)
  await copyManifest(copies[0], to, call)
  // A rotation that did not see the manifest has not brought its key file here.
  await copyKeyFiles(backup, to, call)
  const bytes = parts.reduce((sum, part) => sum + part.bytes, 0)
  const done = { id, replica: to.name, files: parts.length + 1, bytes }
  copied.push(done)
  onEvent({ type: 'copied', ...done })
}

function notCopied({ notCopied, onEvent }: Syncing, failure: NotCopied): void {
  notCopied.push(failure)
  onEvent({ type: 'not-copied', ...failure })
}

function withoutParent({ id, parent }: Manifest): BackupError {
  return new BackupError('broken_chain', `Backup '${id}' needs '${parent}', which could not be copied`, {
    metadata: { backupId: id, missing: parent },
  })
}

function unfinished({ copied, notCopied }: Syncing): BackupError {
  const why = notCopied.map(
    ({ id, replica, error }) => `${id ?? 'everything'} to ${replica}: ${error.message}`,
  )
  return new BackupError('incomplete', `${notCopied.length} copies could not be made (${why.join('; ')})`, {
    driver: 'multi',
    description: 'Failed to copy backups to every destination',
    metadata: { copied, notCopied },
    cause: notCopied[0]?.error,
  })
}
