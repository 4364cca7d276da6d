import { BackupError } from '@s3db-backup/core'
import { type Encryption, never, wrapFor } from './encryption.js'
import { type StoredKeyFile, sealKeyFile } from './key-file.js'
import { openKeyFile } from './open-key-file.js'

export interface RotateOptions {
  /** The backup that the key file must belong to. */
  readonly backupId: string
  /** Its newest key file. */
  readonly keyFile: Uint8Array
  /** Opens it. */
  readonly open: Encryption
  /** The new recipients, besides those in `keep`. */
  readonly recipients?: Encryption
  /**
   * Ids of recipients of the old key file that stay in the new one, or `all` of them; their keys are not needed for that.
   * None if left out.
   */
  readonly keep?: readonly string[] | 'all' | undefined
  readonly signal?: AbortSignal
}

/**
 * A new key file for an existing backup: other recipients, the same backup key, no data changed. To add a recipient,
 * rotate with all others in `keep`; to remove one, leave it out.
 *
 * Store the result beside the old file under its new name; it counts from then on. Who could open the backup before may
 * have kept its key: a backup that must be closed to somebody has to be made again.
 *
 * Rejects as `open` does, and with `invalid_options` when an id in `keep` is not there or is given twice, or there
 * would be more than 32 recipients or 4 passphrases.
 */
export async function rotate(options: RotateOptions): Promise<StoredKeyFile> {
  const { backupId, keep = [] } = options
  const call = { backupId, signal: options.signal ?? never() }
  const { file, backupKey } = await openKeyFile(options.keyFile, options.open.recipients, call)
  const named = (some: readonly string[]) => file.recipients.filter(({ id }) => some.includes(id))
  const missing = keep === 'all' ? [] : keep.filter((id) => named([id]).length === 0)
  if (missing.length > 0) throw refused(backupId, `has no recipient ${missing.join(', ')}`)
  const added = await wrapFor(options.recipients?.recipients ?? [], backupKey, call)
  // An existing recipient that is given again appears once.
  const anew = added.map(({ id }) => id)
  const kept = keep === 'all' ? file.recipients.filter(({ id }) => !anew.includes(id)) : named(keep)
  const twice = added.filter(({ id }) => kept.some((slot) => slot.id === id)).map(({ id }) => id)
  if (twice.length > 0) throw refused(backupId, `would have ${twice.join(', ')} twice; leave it out of keep`)
  if (kept.length + added.length === 0)
    throw refused(backupId, 'would have no recipient; nobody could open it again')
  return sealKeyFile(
    { backupId, generation: file.generation + 1, recipients: [...kept, ...added] },
    backupKey,
  )
}

function refused(backupId: string, why: string): BackupError {
  return new BackupError('invalid_options', `The key file of backup '${backupId}' ${why}`, {
    metadata: { backupId },
  })
}
