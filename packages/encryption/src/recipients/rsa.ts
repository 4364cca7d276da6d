import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { esdk, keyNamespace } from '../esdk.js'
import type { Problem } from '../key-text.js'
import type { Recipient } from '../recipient.js'
import { unwrapKey, wrapKey } from '../wrapping.js'

/** Fewest bits of an RSA key (NIST SP 800-131A). */
const fewestBits = 2048

/** The keys of an RSA recipient, or why they cannot be used. */
export type RsaKeys = { readonly publicKey: KeyObject; readonly privateKey?: KeyObject | undefined } | Problem

/** Reads a public key in PEM. A private key is refused: a host that only writes must not have it. */
export function readPublicKey(pem: string): RsaKeys {
  if (pem.includes('PRIVATE KEY'))
    return { problem: 'is a private key; give the public one, or call it privateKey' }
  return checked(() => ({ publicKey: createPublicKey(pem) }), 'is not a public key in PEM')
}

/** Reads a private key in PEM, encrypted or not. */
export function readPrivateKey(pem: string, passphrase: string | undefined): RsaKeys {
  const read = () => {
    const privateKey = createPrivateKey({ key: pem, ...(passphrase === undefined ? {} : { passphrase }) })
    return { publicKey: createPublicKey(privateKey), privateKey }
  }
  return checked(read, 'is not a private key in PEM, or its privateKeyPassphrase is missing or wrong')
}

/** The library's error about an unreadable key may quote the key, so it is dropped. */
function checked(read: () => Exclude<RsaKeys, Problem>, otherwise: string): RsaKeys {
  try {
    const keys = read()
    if (keys.publicKey.asymmetricKeyType !== 'rsa') return { problem: 'is not an RSA key' }
    const bits = keys.publicKey.asymmetricKeyDetails?.modulusLength ?? 0
    return bits < fewestBits ? { problem: `is an RSA key of fewer than ${fewestBits} bits` } : keys
  } catch {
    return { problem: otherwise }
  }
}

/**
 * Everyone who has the private key. With the public key alone a host makes backups that it cannot read itself. RSA-OAEP
 * with SHA-256 (RFC 8017).
 */
export function rsaRecipient(keys: Exclude<RsaKeys, Problem>, given?: string): Recipient {
  const fingerprint = createHash('sha256')
    .update(keys.publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex')
  const id = given ?? `rsa-${fingerprint.slice(0, 16)}`
  const keyringOf = async (name: string, rsaKey: { publicKey?: string; privateKey?: string }) => {
    const { sdk } = await esdk()
    return new sdk.RawRsaKeyringNode({ keyNamespace, keyName: name, rsaKey, oaepHash: 'sha256' })
  }
  return {
    type: 'rsa',
    id,
    opens: keys.privateKey !== undefined,
    async wrap(backupKey, call) {
      const keyring = await keyringOf(id, {
        publicKey: keys.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
      })
      return {
        id,
        type: 'rsa',
        params: { padding: 'OAEP-SHA-256', fingerprint },
        wrapped: await wrapKey(keyring, id, backupKey, call),
      }
    },
    async unwrap(slot, call) {
      if (keys.privateKey === undefined) return undefined
      const keyring = await keyringOf(slot.id, {
        privateKey: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      })
      return unwrapKey(keyring, slot.id, slot.wrapped, call)
    },
  }
}
