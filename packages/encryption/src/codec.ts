import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import { BackupError, type Codec, type CodecContext } from '@s3db-backup/core'
import { type MessageContext, rawKeyring } from './esdk.js'
import { keyBytes } from './key-text.js'
import { decryptMessage, encryptMessage, type Faults } from './message.js'

/** Stands in the manifest and in every part's header. */
export const codecId = 'aws-esdk/1'

/** The name of the backup key in the header of each part, next to `keyNamespace`. */
export const backupKeyName = 'backup-key'

/** Measured one way, one thread: 64 KiB 1.0 GiB/s, 256 KiB 2.4, 1 MiB 3.2. Smaller frames locate damage more closely. */
const defaultFrameBytes = 256 * 1024

/** Larger frames are refused before they are held in memory. */
const maxFrameBytes = 1024 * 1024

/** The codec of one backup, with a way to authenticate what of the backup stays readable. */
export interface BackupCodec extends Codec {
  /**
   * HMAC-SHA-256 of bytes that are stored unencrypted, such as the manifest, in base64. `purpose` keeps the tags
   * of different things apart.
   */
  authenticate(purpose: string, bytes: Uint8Array): string
  /** Whether the bytes are those that the tag was made of, with this backup's key. */
  isAuthentic(purpose: string, bytes: Uint8Array, tag: string): boolean
}

/**
 * Encrypts with a backup key: each part is one message of the AWS Encryption SDK with a data key of its own, bound to
 * its format, backup, file and resource. File names are readable in it, resource names are not.
 *
 * `decode` throws `corrupt` for what was altered, cut, extended, moved or renamed, and says where; content that
 * it yielded before that is as it was written. It rejects with `signal.reason` as soon as the signal aborts.
 */
export function backupCodec(
  backupKey: Uint8Array,
  options: { readonly frameBytes?: number | undefined } = {},
): BackupCodec {
  const key = Uint8Array.from(backupKey)
  const frameBytes = options.frameBytes ?? defaultFrameBytes
  return {
    id: codecId,
    suffix: '.enc',
    async *encode(bytes, context) {
      const keyring = await rawKeyring(backupKeyName, key)
      yield* encryptMessage(bytes, {
        keyring,
        context: messageContext(key, context),
        frameBytes,
        signal: context.signal,
      })
    },
    async *decode(bytes, context) {
      const keyring = await rawKeyring(backupKeyName, key)
      const { signal } = context
      yield* decryptMessage(bytes, {
        keyring,
        context: messageContext(key, context),
        maxFrameBytes,
        signal,
        faults: faultsOf(context),
      })
    },
    authenticate: (purpose, bytes) => tagOf(key, purpose, bytes).toString('base64'),
    isAuthentic(purpose, bytes, tag) {
      const given = Buffer.from(tag, 'base64')
      const right = tagOf(key, purpose, bytes)
      return given.byteLength === right.byteLength && timingSafeEqual(given, right)
    },
  }
}

function tagOf(key: Uint8Array, purpose: string, bytes: Uint8Array): Buffer {
  const macKey = hkdfSync('sha512', key, '', `s3db-backup tag: ${purpose}`, keyBytes)
  return createHmac('sha256', Buffer.from(macKey)).update(bytes).digest()
}

/**
 * The context stands readable in each part's header, so the resource stands there as a tag: it binds the part to
 * the name and does not tell it. Empty, it is left out: not every implementation of the SDK takes empty values.
 */
function messageContext(key: Uint8Array, { backupId, file, resource }: CodecContext): MessageContext {
  const tag = tagOf(key, 'resource', Buffer.from(resource)).subarray(0, 16).toString('base64url')
  return { format: codecId, backupId, file, ...(resource === '' ? {} : { resource: tag }) }
}

function faultsOf(context: CodecContext): Faults {
  const { backupId, file, resource } = context
  const name = `${backupId}/${file}`
  const corrupt = (message: string, metadata: object, cause?: unknown) =>
    new BackupError('corrupt', message, {
      operation: 'download',
      metadata: { backupId, file, resource, ...metadata },
      cause,
    })
  return {
    malformed: (why, at) => corrupt(`${name} is damaged: ${why}`, at),
    mismatch: (found) =>
      corrupt(`${name} is not the file that was stored here: it claims to be ${placeOf(found, context)}`, {
        found: { ...found },
      }),
    unopened: (cause) =>
      corrupt(
        `${name} does not open with the key of its backup: it was encrypted with another key, or its header was altered`,
        {},
        cause,
      ),
    altered: (cause, { from, to, frame }) =>
      corrupt(
        `${name} is damaged: frame ${frame}, bytes ${from} to ${to}, differs from what was written`,
        { from, to, frame },
        cause,
      ),
  }
}

/** What an altered header says may be anything; it is shown as JSON and in part. */
function placeOf(found: MessageContext, { backupId, file }: CodecContext): string {
  if (found.format === codecId && found.backupId === backupId && found.file === file)
    return 'of another resource, or it was encrypted with another key'
  return JSON.stringify({ format: found.format, backupId: found.backupId, file: found.file }).slice(0, 300)
}
