import { BackupError } from '@s3db-backup/core'
import { type Encryption, never, wrapFor } from './encryption.js'
import { type StoredKeyFile, sealKeyFile } from './key-file.js'
import { openKeyFile } from './open-key-file.js'
import type { Recipient, Slot, WrapCall } from './recipient.js'

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
 * would be more than 32 recipients or 4 passphrases. With `all`, a new recipient that is there already takes the place of its
 * old entry, so a rotation that was interrupted can be run again.
 */
export async function rotate(options: RotateOptions): Promise<StoredKeyFile> {
  const { backupId, keep = [] } = options
  const call = { backupId, signal: options.signal ?? never() }
  const { file, backupKey } = await openKeyFile(options.keyFile, options.open.recipients, call)
  const named = (some: readonly string[]) => file.recipients.filter(({ id }) => some.includes(id))
  const missing = keep === 'all' ? [] : keep.filter((id) => named([id]).length === 0)
  if (missing.length > 0) throw refused(backupId, `has no recipient ${missing.join(', ')}`)
  const recipients = options.recipients?.recipients ?? []
  const added = await wrapFor(recipients, backupKey, call)
  // An existing recipient that is given again appears once.
  const anew = added.map(({ id }) => id)
  const others = file.recipients.filter(({ id }) => !anew.includes(id))
  const kept = keep === 'all' ? await withoutPassphrases(others, recipients, call) : named(keep)
  const twice = added.filter(({ id }) => kept.some((slot) => slot.id === id)).map(({ id }) => id)
  if (twice.length > 0) throw refused(backupId, `would have ${twice.join(', ')} twice; leave it out of keep`)
  if (kept.length + added.length === 0)
    throw refused(backupId, 'would have no recipient; nobody could open it again')
  return sealKeyFile(
    { backupId, generation: file.generation + 1, recipients: [...kept, ...added] },
    backupKey,
  )
}

/** A passphrase has another id in each file, so only by opening an entry it is known again. */
async function withoutPassphrases(
  slots: readonly Slot[],
  recipients: readonly Recipient[],
  call: WrapCall,
): Promise<Slot[]> {
  const passphrases = recipients.filter(({ type }) => type === 'passphrase')
  const left: Slot[] = []
  for (const slot of slots) if (!(await isOpened(slot, passphrases, call))) left.push(slot)
  return left
}

/** One after the other: each try takes 128 MiB. */
async function isOpened(slot: Slot, passphrases: readonly Recipient[], call: WrapCall): Promise<boolean> {
  if (slot.type !== 'passphrase') return false
  for (const passphrase of passphrases) {
    call.signal.throwIfAborted()
    if ((await passphrase.unwrap(slot, call)) !== undefined) return true
  }
  return false
}

function refused(backupId: string, why: string): BackupError {
  return new BackupError('invalid_options', `The key file of backup '${backupId}' ${why}`, {
    metadata: { backupId },
  })
}
