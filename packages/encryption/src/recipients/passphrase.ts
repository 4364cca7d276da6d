import { randomBytes } from 'node:crypto'
import { rawKeyring } from '../esdk.js'
import {
  deriveKey,
  type KeyDerivationChoice,
  keyDerivationSchema,
  newKeyDerivation,
} from '../key-derivation.js'
import type { Recipient } from '../recipient.js'
import { unwrapKey, wrapKey } from '../wrapping.js'

/** Everyone who knows the passphrase. Costs about a second and 128 MiB for each wrapping and unwrapping with scrypt. */
export function passphraseRecipient(
  passphrase: string,
  derivation: KeyDerivationChoice,
  given?: string,
): Recipient {
  return {
    type: 'passphrase',
    id: given ?? 'passphrase',
    opens: true,
    async wrap(backupKey, call) {
      const id = given ?? `passphrase-${randomBytes(4).toString('hex')}`
      const params = newKeyDerivation(derivation)
      const keyring = await rawKeyring(id, await deriveKey(passphrase, params))
      return { id, type: 'passphrase', params, wrapped: await wrapKey(keyring, id, backupKey, call) }
    },
    async unwrap(slot, call) {
      const params = keyDerivationSchema.safeParse(slot.params)
      if (!params.success) return undefined
      const keyring = await rawKeyring(slot.id, await deriveKey(passphrase, params.data))
      return unwrapKey(keyring, slot.id, slot.wrapped, call)
    },
  }
}
