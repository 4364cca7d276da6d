import type { KeyringNode } from '@aws-crypto/client-node'
import { abortable } from '@s3db-backup/core'
import { boundTo, esdk, type MessageContext } from './esdk.js'
import { exactReader } from './exact-reader.js'
import { lockstep } from './lockstep.js'
import { type Malformed, type MessagePiece, messagePieces } from './message-frames.js'

export interface EncryptOptions {
  readonly keyring: KeyringNode
  readonly context: MessageContext
  /** Content of one frame, in bytes. */
  readonly frameBytes: number
  readonly signal: AbortSignal
}

/** The bytes as one message of the AWS Encryption SDK. Holds one frame at a time. */
export async function* encryptMessage(
  bytes: AsyncIterable<Uint8Array>,
  options: EncryptOptions,
): AsyncGenerator<Uint8Array> {
  const { keyring, context, frameBytes, signal } = options
  const { client, suiteId } = await esdk()
  const encrypting = client.encryptStream(keyring, {
    suiteId,
    encryptionContext: { ...context },
    frameLength: frameBytes,
  })
  const stream = lockstep(encrypting, signal, (unfinished) => unfinished.end())
  try {
    for await (const chunk of abortable(bytes, signal)) {
      for (let from = 0; from < chunk.byteLength; from += frameBytes) {
        await stream.send(chunk.subarray(from, from + frameBytes))
        yield* stream.taken()
      }
    }
    await stream.finish()
    yield* stream.taken()
  } finally {
    stream.close()
  }
}

export interface DecryptOptions {
  readonly keyring: KeyringNode
  readonly context: MessageContext
  /** Frames with more content than this, in bytes, are refused before they are held. */
  readonly maxFrameBytes: number
  readonly signal: AbortSignal
  readonly faults: Faults
}

/** The errors for what can be wrong with a message, made by those who know what the message is for. */
export interface Faults {
  readonly malformed: Malformed
  readonly mismatch: (found: MessageContext) => Error
  /** The header does not open: another key, or it was altered. */
  readonly unopened: (cause: unknown) => Error
  /** A frame was altered. */
  readonly altered: (
    cause: unknown,
    at: { readonly from: number; readonly to: number; readonly frame: number },
  ) => Error
}

/**
 * The content of a message, released frame by frame, each only after it was authenticated. The header must be
 * bound to exactly the given context. Holds one frame at a time.
 */
export async function* decryptMessage(
  bytes: AsyncIterable<Uint8Array>,
  options: DecryptOptions,
): AsyncGenerator<Uint8Array> {
  const { keyring, context, maxFrameBytes, signal, faults } = options
  const { client } = await esdk()
  let mismatch: Error | undefined
  const materials = await boundTo(context, keyring, (found) => (mismatch = faults.mismatch(found)))
  const reader = exactReader(abortable(bytes, signal))
  const decrypting = client.decryptUnsignedMessageStream(materials, { maxBodySize: maxFrameBytes })
  const stream = lockstep(decrypting, signal, (unfinished) => unfinished.destroy())
  try {
    for await (const piece of messagePieces(reader, maxFrameBytes, faults.malformed)) {
      const to = reader.position() - 1
      const at = { from: to + 1 - piece.bytes.byteLength, to, frame: piece.number }
      try {
        await decryptPiece(stream, piece)
      } catch (error) {
        signal.throwIfAborted()
        throw mismatch ?? (piece.number === 0 ? faults.unopened(error) : faults.altered(error, at))
      }
      yield* stream.taken()
    }
  } finally {
    stream.close()
    await reader.close()
  }
}

async function decryptPiece(stream: ReturnType<typeof lockstep>, piece: MessagePiece): Promise<void> {
  if (piece.number === 0) await stream.send(piece.bytes)
  else await stream.exchange(piece.bytes, piece.contentBytes)
  if (piece.last) await stream.finish()
}
