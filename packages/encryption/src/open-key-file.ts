import { BackupError, isBackupError } from '@s3db-backup/core'
import { corrupt, isGenuine, readKeyFile } from './key-file.js'
import type { KeyFile } from './key-file-schema.js'
import type { Recipient, RecipientType, Slot, WrapCall } from './recipient.js'

/** Cheap ones first: a passphrase costs a second, KMS a request. */
const order: readonly RecipientType[] = ['raw-key', 'rsa', 'aws-kms', 'passphrase']

/** A key file that was opened and found genuine. */
export interface OpenedKeyFile {
  readonly file: KeyFile
  readonly backupKey: Uint8Array
}

/**
 * Opens a key file with whichever recipient's key is at hand. Throws `undecryptable` when none fits or none is
 * right, `corrupt` when the file was altered, and what KMS answered when that is why none opened it.
 */
export async function openKeyFile(
  bytes: Uint8Array,
  recipients: readonly Recipient[],
  call: WrapCall,
): Promise<OpenedKeyFile> {
  const file = readKeyFile(bytes, call.backupId)
  const attempts = attemptsFor(file.recipients, recipients)
  if (attempts.length === 0) throw noSuchKey(file, recipients)
  const backupKey = await firstThatOpens(attempts, call)
  if (backupKey === undefined) throw wrongKey(file)
  if (!isGenuine(file, backupKey)) throw corrupt(call.backupId, 'was altered since it was written')
  return { file, backupKey }
}

interface Attempt {
  readonly slot: Slot
  readonly recipient: Recipient
}

function attemptsFor(slots: readonly Slot[], recipients: readonly Recipient[]): Attempt[] {
  return order.flatMap((type) =>
    recipients
      .filter((recipient) => recipient.type === type && recipient.opens)
      .flatMap((recipient) =>
        slots.filter((slot) => slot.type === type).map((slot) => ({ slot, recipient })),
      ),
  )
}

async function firstThatOpens(attempts: readonly Attempt[], call: WrapCall): Promise<Uint8Array | undefined> {
  const refusals: BackupError[] = []
  for (const { slot, recipient } of attempts) {
    call.signal.throwIfAborted()
    try {
      const key = await recipient.unwrap(slot, call)
      if (key !== undefined) return key
    } catch (error) {
      if (!isBackupError(error) || call.signal.aborted) throw error
      refusals.push(error)
    }
  }
  if (refusals[0] !== undefined) throw refusals[0]
  return undefined
}

function noSuchKey(file: KeyFile, recipients: readonly Recipient[]): BackupError {
  const onlyWrites = recipients.length > 0 && recipients.every(({ opens }) => !opens)
  const why = onlyWrites
    ? 'a public key encrypts backups but cannot open them'
    : 'no key of any of these kinds was given'
  return undecryptable(file, `Backup '${file.backupId}' is encrypted for ${namesOf(file)}; ${why}`)
}

function wrongKey(file: KeyFile): BackupError {
  return undecryptable(file, `Wrong key: backup '${file.backupId}' is encrypted for ${namesOf(file)}`)
}

function undecryptable(file: KeyFile, message: string): BackupError {
  const recipients = file.recipients.map(({ id, type }) => ({ id, type }))
  return new BackupError('undecryptable', message, { metadata: { backupId: file.backupId, recipients } })
}

function namesOf(file: KeyFile): string {
  return file.recipients.map(({ id, type }) => `${id} (${type})`).join(', ')
}
