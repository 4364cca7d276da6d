import type { KeyringNode, NodeMaterialsManager } from '@aws-crypto/client-node'

/** The context that a message is bound to. It is readable in the message's header and authenticated with it. */
export type MessageContext = Readonly<Record<string, string>>

/**
 * Loads the AWS Encryption SDK with the only settings this package uses. Loaded on first use: it brings AWS
 * clients along, about 300 ms and 40 MB that a process without encryption need not pay.
 *
 * The suite is 0x0478: AES-256-GCM, a key derived per message by HKDF-SHA-512, key commitment, no signature.
 * Both directions require commitment, so that no ciphertext opens under two keys to two contents.
 * https://docs.aws.amazon.com/encryption-sdk/latest/developer-guide/supported-algorithms.html
 */
export async function esdk() {
  const sdk = await import('@aws-crypto/client-node')
  const client = sdk.buildClient({
    commitmentPolicy: sdk.CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT,
    maxEncryptedDataKeys: 1,
  })
  const suiteId = sdk.AlgorithmSuiteIdentifier.ALG_AES256_GCM_IV12_TAG16_HKDF_SHA512_COMMIT_KEY
  return { sdk, client, suiteId }
}

/** A keyring of one 32-byte key. The name stands readable in every message's header. */
export async function rawKeyring(name: string, key: Uint8Array): Promise<KeyringNode> {
  const { sdk } = await esdk()
  return new sdk.RawAesKeyringNode({
    keyNamespace: keyNamespace,
    keyName: name,
    // The SDK insists on a buffer that shares its memory with nothing else.
    unencryptedMasterKey: new Uint8Array(key),
    wrappingSuite: sdk.RawAesWrappingSuiteIdentifier.AES256_GCM_IV12_TAG16_NO_PADDING,
    utf8Sorting: true,
  })
}

/** The provider name under which other implementations of the SDK find our raw keys. */
export const keyNamespace = 's3db-backup'

/**
 * Opens only messages that are bound to exactly this context. The key is not even tried on others, so what was
 * moved, renamed or swapped never decrypts; that the context in the header is genuine is checked right after,
 * before any content.
 */
export async function boundTo(
  context: MessageContext,
  keyring: KeyringNode,
  mismatch: (found: MessageContext) => Error,
) {
  const { sdk } = await esdk()
  const manager = new sdk.NodeDefaultCryptographicMaterialsManager(keyring)
  const bound: NodeMaterialsManager = {
    getEncryptionMaterials: (request) => manager.getEncryptionMaterials(request),
    async decryptMaterials(request) {
      if (!sameContext(request.encryptionContext, context)) throw mismatch(request.encryptionContext)
      return manager.decryptMaterials(request)
    },
  }
  return bound
}

function sameContext(left: MessageContext, right: MessageContext): boolean {
  const names = Object.keys(left)
  return (
    names.length === Object.keys(right).length &&
    names.every((name) => Object.hasOwn(right, name) && left[name] === right[name])
  )
}
