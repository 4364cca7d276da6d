import { rawKeyring } from '../esdk.js'
import { rawKeyId } from '../key-text.js'
import type { Recipient } from '../recipient.js'
import { unwrapKey, wrapKey } from '../wrapping.js'

/** Everyone who has these 32 bytes. The key file names them by a fingerprint. */
export function rawKeyRecipient(key: Uint8Array, given?: string): Recipient {
  const own = Uint8Array.from(key)
  const id = given ?? rawKeyId(own)
  return {
    type: 'raw-key',
    id,
    opens: true,
    async wrap(backupKey, call) {
      return {
        id,
        type: 'raw-key',
        params: {},
        wrapped: await wrapKey(await rawKeyring(id, own), id, backupKey, call),
      }
    },
    unwrap: async (slot, call) => unwrapKey(await rawKeyring(slot.id, own), slot.id, slot.wrapped, call),
  }
}
