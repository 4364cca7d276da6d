import { BackupError, type Call, isBackupError, type Part } from '@s3db-backup/core'
import type { HealedFile } from '@s3db-backup/core/internal'
import { copyManifest, manifestKey, readManifest } from '../copies/manifest-copy.js'
import { copyPart, faultOf, placed } from '../copies/part-copy.js'
import { storageFailure } from '../failure.js'
import type { MultiDriver, Replica } from '../multi-driver.js'
import { survey, type Whereabouts } from '../states/survey.js'

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
 * is not touched. An interrupted repair can be run again.
 *
 * @throws BackupError `not_found` (no replica has a sound manifest), `conflict` (their manifests differ),
 * `incomplete` with `metadata.healed` and `metadata.notHealed` if something is still damaged or unknown.
 */
export async function repair(options: RepairOptions): Promise<{ readonly healed: readonly HealedFile[] }> {
  const { multi, id, signal = new AbortController().signal, onEvent = () => undefined } = options
  const { backups, unreachable } = await survey({ multi, signal })
  const backup = backups.find((candidate) => candidate.id === id)
  if (backup === undefined) throw nothingToGoBy(id)
  refuseDifferent(backup)
  const { directory } = backup
  const repairing: Repairing = { directory, call: { signal }, healed: [], notHealed: [], onEvent }
  for (const { replica, error } of unreachable) notHealed(repairing, { replica: replica.name, error })
  const having = [...backup.copies.map(({ replica }) => replica), ...backup.damaged]
  for (const part of backup.copies[0].entry.manifest.parts) await repairPart(part, having, repairing)
  for (const replica of backup.damaged) await repairManifest(backup, replica, repairing)
  if (repairing.notHealed.length === 0) return { healed: repairing.healed }
  throw unfinished(id, repairing)
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
  { name }: Replica,
  file: string,
  repairing: Repairing,
  replace: () => Promise<void>,
): Promise<void> {
  try {
    await replace()
    repairing.healed.push({ replica: name, file })
    repairing.onEvent({ type: 'healed', replica: name, file })
  } catch (error) {
    notHealed(repairing, { replica: name, file, error: storageFailure(error, repairing.call.signal) })
  }
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
