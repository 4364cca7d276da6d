import { createHash } from 'node:crypto'
import type { KeyringNode, KmsKeyringNodeInput } from '@aws-crypto/client-node'
import { BackupError, type ErrorCode } from '@s3db-backup/core'
import { esdk } from '../esdk.js'
import type { Recipient } from '../recipient.js'
import { unwrapKey, wrapKey } from '../wrapping.js'

/** The three calls that are made to AWS KMS. A `KMS` of `@aws-sdk/client-kms` has them. */
export interface KmsClient {
  generateDataKey(request: KmsRequest & { NumberOfBytes?: number | undefined }): Promise<KmsAnswer>
  encrypt(request: KmsRequest & { Plaintext: Uint8Array }): Promise<KmsAnswer>
  decrypt(request: KmsRequest & { CiphertextBlob: Uint8Array }): Promise<KmsAnswer>
}

interface KmsRequest {
  KeyId: string
  EncryptionContext?: Record<string, string> | undefined
  GrantTokens?: string[] | undefined
}

interface KmsAnswer {
  readonly KeyId?: string | undefined
  readonly Plaintext?: Uint8Array | undefined
  readonly CiphertextBlob?: Uint8Array | undefined
}

type KmsInterface = Exclude<ReturnType<NonNullable<KmsKeyringNodeInput['clientProvider']>>, false>

/** Whole ARNs only: what KMS answers with is compared with it, so aliases would never match. */
export const keyArnPattern = /^arn:aws[a-z0-9-]*:kms:([a-z0-9-]+):\d{12}:key\/[A-Za-z0-9-]+$/

export interface KmsKey {
  readonly keyArn: string
  /** The default client takes its credentials as every AWS client does. */
  readonly client?: KmsClient | undefined
}

/** Everyone who may call `kms:Decrypt` with this key. The backup id is in the encryption context of each call. */
export function kmsRecipient({ keyArn, client }: KmsKey, given?: string): Recipient {
  const id = given ?? `kms-${createHash('sha256').update(keyArn).digest('hex').slice(0, 16)}`
  return {
    type: 'aws-kms',
    id,
    opens: true,
    wrap: (backupKey, call) =>
      asking(keyArn, client, async (keyring) => ({
        id,
        type: 'aws-kms',
        params: { keyArn },
        wrapped: await wrapKey(keyring, id, backupKey, call),
      })),
    async unwrap(slot, call) {
      if (slot.params.keyArn !== keyArn) return undefined
      return asking(keyArn, client, (keyring) => unwrapKey(keyring, slot.id, slot.wrapped, call))
    },
  }
}

/**
 * Runs with a keyring of the key. A refusal by KMS is reported as KMS reported it: the keyring passes on only its text.
 */
async function asking<T>(
  keyArn: string,
  given: KmsClient | undefined,
  work: (keyring: KeyringNode) => Promise<T>,
): Promise<T> {
  const { sdk } = await esdk()
  let refusal: { readonly cause: unknown } | undefined
  const clientProvider = (region: string) => {
    const client = given ?? sdk.getKmsClient(region)
    return client === false ? false : noting(client, keyArn, (cause) => (refusal ??= { cause }))
  }
  const keyring = new sdk.KmsKeyringNode({ clientProvider, generatorKeyId: keyArn })
  try {
    const result = await work(keyring)
    if (result !== undefined || refusal === undefined) return result
  } catch (error) {
    if (refusal === undefined) throw error
  }
  throw kmsError(keyArn, refusal.cause)
}

function noting(client: KmsClient, keyArn: string, onRefusal: (cause: unknown) => void): KmsInterface {
  const noted = async (call: () => Promise<KmsAnswer>) => {
    try {
      const { KeyId = '', Plaintext, CiphertextBlob } = await call()
      return { KeyId, ...(Plaintext && { Plaintext }), ...(CiphertextBlob && { CiphertextBlob }) }
    } catch (error) {
      onRefusal(error)
      throw error
    }
  }
  return {
    generateDataKey: (request) => noted(() => client.generateDataKey(request)),
    encrypt: (request) => noted(() => client.encrypt(request)),
    decrypt: (request) => noted(() => client.decrypt({ ...request, KeyId: keyArn })),
  }
}

function kmsError(keyArn: string, cause: unknown): BackupError {
  const name = cause instanceof Error ? cause.name : 'an unknown error'
  const code = codeOf(name)
  return new BackupError(code, `AWS KMS refused the key ${keyArn}: ${name}`, {
    ...(code === 'permission_denied'
      ? { suggestion: 'Allow kms:GenerateDataKey for backups and kms:Decrypt for restores.' }
      : {}),
    metadata: { keyArn },
    cause,
  })
}

/** The errors of the KMS API by name: https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html */
function codeOf(name: string): ErrorCode {
  if (
    /AccessDenied|UnrecognizedClient|InvalidSignature|ExpiredToken|CredentialsProvider|InvalidGrantToken/.test(
      name,
    )
  )
    return 'permission_denied'
  if (/NotFound|Disabled|InvalidState|InvalidCiphertext|IncorrectKey|InvalidKeyUsage/.test(name))
    return 'undecryptable'
  return 'unavailable'
}
