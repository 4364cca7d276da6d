import type { KeyringNode } from '@aws-crypto/client-node'
import { isBackupError } from '@s3db-backup/core'
import type { MessageContext } from './esdk.js'
import { keyFileFormat } from './key-file-schema.js'
import { keyBytes } from './key-text.js'
import { decryptMessage, encryptMessage, type Faults } from './message.js'
import type { WrapCall } from './recipient.js'

/** A wrapped key fits in one frame; a larger one is not ours. */
const frameBytes = 1024

/** A backup key as a message of its own, bound to the backup and the recipient. In base64. */
export async function wrapKey(
  keyring: KeyringNode,
  id: string,
  backupKey: Uint8Array,
  call: WrapCall,
): Promise<string> {
  const context = contextOf(id, call.backupId)
  return (
    await joined(encryptMessage(once(backupKey), { keyring, context, frameBytes, signal: call.signal }))
  ).toString('base64')
}

/**
 * The key in such a message; nothing if the keyring does not open it. Why not does not matter to the caller,
 * who has other recipients to try; what the keyring itself reports, such as a service that does not answer, is
 * for the keyring's maker to record.
 */
export async function unwrapKey(
  keyring: KeyringNode,
  id: string,
  wrapped: string,
  call: WrapCall,
): Promise<Uint8Array | undefined> {
  const options = {
    keyring,
    context: contextOf(id, call.backupId),
    maxFrameBytes: frameBytes,
    signal: call.signal,
    faults,
  }
  try {
    const key = await joined(decryptMessage(once(Buffer.from(wrapped, 'base64')), options))
    return key.byteLength === keyBytes ? key : undefined
  } catch (error) {
    if (isNotOurs(error)) return undefined
    throw error
  }
}

function contextOf(recipient: string, backupId: string): MessageContext {
  return { format: keyFileFormat, backupId, recipient }
}

const notOurs = 'This message is not for this key.'
const isNotOurs = (error: unknown) =>
  error instanceof Error && !isBackupError(error) && error.message === notOurs
const fault = () => new Error(notOurs)
const faults: Faults = { malformed: fault, mismatch: fault, unopened: fault, altered: fault }

async function joined(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  for await (const chunk of chunks) pieces.push(chunk)
  return Buffer.concat(pieces)
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}
