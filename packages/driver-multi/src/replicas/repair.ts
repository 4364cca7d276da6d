import { BackupError, type Call, isBackupError, type Part } from '@s3db-backup/core'
import { firstKeyPart, type HealedFile, keyFilesOf } from '@s3db-backup/core/internal'
import { copyKeyFiles, lacksRotation } from '../copies/key-copy.js'
import { copyManifest, manifestKey, readManifest } from '../copies/manifest-copy.js'
import { copyPart, faultOf, placed } from '../copies/part-copy.js'
import { storageFailure } from '../failure.js'
import type { MultiDriver, Replica } from '../multi-driver.js'
import { replicasWith, type Survey, survey, type Whereabouts } from '../states/survey.js'
import { checkKept, keepingEverywhere, type Unkept } from './keep-everywhere.js'

/** A file that is still damaged or could not be looked at. Without a file: a replica that could not be asked. */
export interface NotHealed {
  readonly replica: string
  readonly file?: string | undefined
  readonly error: BackupError
}

/** What `repair` says while it works. */
export type RepairEvent =
  | ({ readonly type: 'healed' } & HealedFile)
  | ({ readonly type: 'not-healed' } & NotHealed)

export interface RepairOptions {
  readonly multi: MultiDriver
  readonly id: string
  readonly signal?: AbortSignal | undefined
  /** Called synchronously; what it throws fails the call. */
  readonly onEvent?: ((event: RepairEvent) => void) | undefined
}

interface Repairing {
  readonly directory: string
  readonly call: Call
  readonly unkept: Unkept
  readonly healed: HealedFile[]
  readonly notHealed: NotHealed[]
  readonly onEvent: (event: RepairEvent) => void
}

/**
 * Heals a backup at the replicas that have it: each part is read at each of them, and one that is damaged or
 * missing is replaced from a replica whose copy was just read and found sound. A damaged manifest is replaced
 * last. Replicas without the backup are left alone; they are for `sync`.
 *
 * A copy is deleted only if it was read and its bytes are wrong while another one is right; what could not be read
 * is not touched. An interrupted repair can be run again. While it runs, a lease at each replica keeps the backup from
 * being removed; a removal that has begun is waited for, up to 90 seconds.
 *
 * @throws BackupError `not_found` (no replica has a sound manifest), `conflict` (their manifests differ),
 * `incomplete` with `metadata.healed` and `metadata.notHealed` if something is still damaged or unknown.
 */
export async function repair(options: RepairOptions): Promise<{ readonly healed: readonly HealedFile[] }> {
  const { multi, id, signal = new AbortController().signal, onEvent = () => undefined } = options
  const first = await survey({ multi, signal })
  const backup = find(id, first)
  const kept = {
    operation: 'repair',
    backups: chainIds(id, first.backups),
    replicas: replicasWith(backup),
    first,
  } as const
  return keepingEverywhere(kept, { signal }, (now, unkept) =>
    repairKept(find(id, now), now, { call: { signal }, unkept, onEvent }),
  )
}

function find(id: string, { backups }: Survey): Whereabouts {
  const backup = backups.find((candidate) => candidate.id === id)
  if (backup === undefined) throw nothingToGoBy(id)
  return backup
}

/** The backup and those that it builds on, as far as they are known. */
function chainIds(id: string, backups: readonly Whereabouts[]): string[] {
  const ids: string[] = []
  for (let next: string | null = id; next !== null && !ids.includes(next); ) {
    const link: Whereabouts | undefined = backups.find((candidate) => candidate.id === next)
    ids.push(next)
    next = link?.copies[0].entry.manifest.parent ?? null
  }
  return ids
}

async function repairKept(
  backup: Whereabouts,
  { unreachable }: Survey,
  given: Pick<Repairing, 'call' | 'unkept' | 'onEvent'>,
): Promise<{ readonly healed: readonly HealedFile[] }> {
  refuseDifferent(backup)
  const repairing: Repairing = { ...given, directory: backup.directory, healed: [], notHealed: [] }
  for (const { replica, error } of unreachable) notHealed(repairing, { replica: replica.name, error })
  const having = replicasWith(backup)
  const { manifest } = backup.copies[0].entry
  const keys = firstKeyPart(manifest)
  for (const part of manifest.parts)
    await repairPart(
      part,
      part === keys ? await repairKeys(backup, part, having, repairing) : having,
      repairing,
    )
  for (const replica of backup.damaged) await repairManifest(backup, replica, repairing)
  if (repairing.notHealed.length === 0) return { healed: repairing.healed }
  throw unfinished(backup.id, repairing)
}

/**
 * Brings what a rotation has added to the replicas that lack it. Gives those whose first key file is a part like any other:
 * at the others it was rotated away, and must not come back.
 */
async function repairKeys(
  backup: Whereabouts,
  { file }: Part,
  having: readonly Replica[],
  repairing: Repairing,
): Promise<Replica[]> {
  const { directory, call, unkept } = repairing
  const withFirst: Replica[] = []
  for (const replica of having) {
    try {
      const files = await keyFilesOf(replica.driver, directory, call)
      if (files.includes(file)) withFirst.push(replica)
      if (await lacksRotation(backup, { replica, files }, call)) {
        checkKept(replica, unkept)
        for (const brought of await copyKeyFiles(backup, replica, call)) healed(repairing, replica, brought)
      } else if (files.length === 0) withFirst.push(replica)
    } catch (error) {
      notHealed(repairing, { replica: replica.name, file, error: storageFailure(error, call.signal) })
    }
  }
  return withFirst
}

async function repairPart(part: Part, having: readonly Replica[], repairing: Repairing): Promise<void> {
  const { directory, call } = repairing
  const wanted = placed(directory, part)
  const sound: Replica[] = []
  const faulty: { readonly replica: Replica; readonly fault: BackupError }[] = []
  for (const replica of having) {
    try {
      const fault = await faultOf(replica, wanted, call)
      if (fault === undefined) sound.push(replica)
      else faulty.push({ replica, fault })
    } catch (error) {
      const failure = storageFailure(error, call.signal)
      notHealed(repairing, { replica: replica.name, file: part.file, error: failure })
    }
  }
  for (const { replica, fault } of faulty) {
    if (sound.length === 0) notHealed(repairing, { replica: replica.name, file: part.file, error: fault })
    else await heal(replica, part.file, repairing, () => replacePart())

    async function replacePart(): Promise<void> {
      if (isBackupError(fault, 'corrupt')) await replica.driver.delete(wanted.key, call)
      await copyPart(sound, replica, wanted, call)
    }
  }
}

async function repairManifest(backup: Whereabouts, replica: Replica, repairing: Repairing): Promise<void> {
  const key = manifestKey(backup.directory)
  const file = key.slice(backup.directory.length + 1)
  // If a part is missing, a sound manifest would promise too much.
  if (repairing.notHealed.some((one) => one.replica === replica.name)) {
    const error = new BackupError('corrupt', `${key} was not replaced, because some parts are damaged`)
    notHealed(repairing, { replica: replica.name, file, error })
    return
  }
  await heal(replica, file, repairing, async () => {
    const [good] = backup.copies
    await readManifest(good, repairing.call)
    await replica.driver.delete(key, repairing.call)
    await copyManifest(good, replica, repairing.call)
  })
}

async function heal(
  replica: Replica,
  file: string,
  repairing: Repairing,
  replace: () => Promise<void>,
): Promise<void> {
  try {
    checkKept(replica, repairing.unkept)
    await replace()
    healed(repairing, replica, file)
  } catch (error) {
    notHealed(repairing, { replica: replica.name, file, error: storageFailure(error, repairing.call.signal) })
  }
}

function healed({ healed, onEvent }: Repairing, { name }: Replica, file: string): void {
  healed.push({ replica: name, file })
  onEvent({ type: 'healed', replica: name, file })
}

function notHealed({ notHealed, onEvent }: Repairing, failure: NotHealed): void {
  notHealed.push(failure)
  onEvent({ type: 'not-healed', ...failure })
}

function refuseDifferent({ id, copies: [first, ...others] }: Whereabouts): void {
  const other = others.find(({ entry }) => entry.checksum !== first.entry.checksum)
  if (other === undefined) return
  const replicas = [first.replica.name, other.replica.name]
  throw new BackupError('conflict', `Backup '${id}' differs between ${replicas.join(' and ')}`, {
    operation: 'verify',
    suggestion: 'Verify both, and delete the unwanted one at its destination.',
    metadata: { backupId: id, replicas },
  })
}

function nothingToGoBy(id: string): BackupError {
  return new BackupError('not_found', `No destination has an intact manifest of backup '${id}'`, {
    operation: 'verify',
    metadata: { backupId: id },
  })
}

function unfinished(id: string, { healed, notHealed }: Repairing): BackupError {
  const why = notHealed.map(({ replica, file, error }) => `${file ?? 'all'} at ${replica}: ${error.message}`)
  return new BackupError(
    'incomplete',
    `Backup '${id}' could not be repaired everywhere (${why.join('; ')})`,
    {
      operation: 'verify',
      driver: 'multi',
      description: 'Failed to repair the backup at every destination',
      metadata: { backupId: id, healed, notHealed },
      cause: notHealed[0]?.error,
    },
  )
}
