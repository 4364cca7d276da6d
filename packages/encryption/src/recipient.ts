import type * as z from 'zod'
import type { slotSchema } from './key-file-schema.js'

/** Ways to wrap a backup key. */
export type RecipientType = 'passphrase' | 'raw-key' | 'rsa' | 'aws-kms'

/** One recipient's entry in a key file: the backup key, wrapped. */
export type Slot = z.infer<typeof slotSchema>

/** Which backup, which entry, and when to stop. */
export interface WrapCall {
  readonly backupId: string
  readonly signal: AbortSignal
}

/**
 * Somebody who can open backups. The secret is held inside and appears nowhere: not in `JSON.stringify`, not in
 * `util.inspect`.
 */
export interface Recipient {
  readonly type: RecipientType
  /** Stands in the key file. A passphrase that was given no id gets another one in each file. */
  readonly id: string
  /** Whether it opens backups, or only makes them. */
  readonly opens: boolean
  /** Wraps a backup key for this recipient. */
  readonly wrap: (backupKey: Uint8Array, call: WrapCall) => Promise<Slot>
  /** The backup key of a slot of this type; nothing if this is not the recipient's. */
  readonly unwrap: (slot: Slot, call: WrapCall) => Promise<Uint8Array | undefined>
}
