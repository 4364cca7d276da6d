import type * as z from 'zod'
import { gzip } from '../codecs/gzip.js'
import { BackupError, isBackupError } from '../errors.js'
import { fileKey } from '../format/layout.js'
import { longestManifest, openSealed, sealFields, taggedBody } from '../format/manifest/seal.js'
import { formatName } from '../manifest.js'
import type { CodecContext } from '../ports/codec.js'
import type { Call, Driver } from '../ports/driver.js'
import type { BackupCipher } from '../ports/encryption.js'
import { collect, once } from '../streams/bytes.js'

/** Where the plan and the receipts of a backup lie, and with what they are read. */
export interface NotePlace {
  readonly driver: Driver
  readonly id: string
  readonly directory: string
  /** Default `note`. */
  readonly kind?: 'note' | 'report' | undefined
  /** Only in an encrypted backup. */
  readonly cipher: BackupCipher | undefined
}

/** The purpose of the tags of plans and receipts, for the cipher. */
const purpose = 'shards'

/**
 * Stores a plan or a receipt, which the storage accepts only if there is none of this name. In an encrypted backup its
 * content is encrypted and bound to its backup and its name, and all of it is tagged with the backup's key. `head`
 * stays readable.
 */
export async function storeShardNote(
  { driver, id, directory, cipher, kind = 'note' }: NotePlace,
  file: string,
  { head = {}, content }: { readonly head?: object; readonly content: object },
  call: Call,
): Promise<void> {
  const fields = { format: formatName, id, ...head }
  const { bytes } =
    cipher === undefined
      ? sealFields({ ...fields, content })
      : sealFields(
          { ...fields, private: await encrypted(content, { cipher, context: contextOf(id, file, call) }) },
          (body) => cipher.authenticate(purpose, body),
        )
  await driver.put(fileKey(directory, file), once(bytes), { ...call, kind })
}

/** The stored bytes of such a note. Throws `not_found` if there is none. */
export function readShardNote(
  { driver, directory, kind = 'note' }: Omit<NotePlace, 'cipher'>,
  file: string,
  call: Call,
) {
  const key = fileKey(directory, file)
  return collect(driver.get(key, { ...call, kind }), longestManifest, key)
}

/**
 * The content of a plan or a receipt. Throws `corrupt` for one that was altered, that is another backup's or has another
 * name, or, in an encrypted backup, that was written without its key.
 */
export async function openShardNote<T>(
  { id, directory, cipher }: NotePlace,
  {
    file,
    bytes,
    schema,
  }: { readonly file: string; readonly bytes: Uint8Array; readonly schema: z.ZodType<T> },
  call: Call,
): Promise<T> {
  const key = fileKey(directory, file)
  const fields = fieldsOf(bytes, key)
  if (fields.id !== id) throw forged(key, `it belongs to another backup, ${JSON.stringify(fields.id)}`)
  const content =
    cipher === undefined
      ? fields.content
      : await decrypted(fields.private, { bytes, cipher, key, context: contextOf(id, file, call) })
  if (content === undefined)
    throw forged(key, cipher === undefined ? 'it is encrypted and the backup is not' : 'it is not encrypted')
  const parsed = schema.safeParse(content)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw forged(key, `${issue?.path.join('.')}: ${issue?.message}`)
}

/** The readable half of a note. Throws `corrupt` for an altered one. */
export function fieldsOf(bytes: Uint8Array, key: string): Readonly<Record<string, unknown>> {
  try {
    return Object(openSealed(bytes, key))
  } catch (error) {
    throw isBackupError(error, 'corrupt')
      ? forged(key, 'it was altered, or only a part of it is there', error)
      : error
  }
}

/** The error for a plan or a receipt that no process of this backup wrote. */
export function forged(key: string, why: string, cause?: unknown): BackupError {
  return new BackupError('corrupt', `${key} was not written by this backup: ${why}`, {
    suggestion:
      'Find out who can write to the destination. Abort the plan and make another one; nothing of it was committed.',
    metadata: { key },
    cause,
  })
}

async function encrypted(
  content: object,
  { cipher, context }: { readonly cipher: BackupCipher; readonly context: CodecContext },
): Promise<string> {
  const text = once(Buffer.from(JSON.stringify(content)))
  const bytes = await collect(
    cipher.encode(gzip().encode(text, context), context),
    longestManifest,
    context.file,
  )
  return Buffer.from(bytes).toString('base64')
}

async function decrypted(
  text: unknown,
  {
    bytes,
    cipher,
    key,
    context,
  }: {
    readonly bytes: Uint8Array
    readonly cipher: BackupCipher
    readonly key: string
    readonly context: CodecContext
  },
): Promise<unknown> {
  if (typeof text !== 'string') return undefined
  const tagged = taggedBody(bytes)
  if (tagged === undefined || !cipher.isAuthentic(purpose, tagged.body, tagged.tag))
    throw forged(key, 'it was written by someone who does not have the key of the backup')
  try {
    const stored = cipher.decode(once(Buffer.from(text, 'base64')), context)
    const content = await collect(gzip().decode(stored, context), longestManifest, key)
    return JSON.parse(Buffer.from(content).toString('utf8'))
  } catch (error) {
    throw isBackupError(error, 'corrupt') ? forged(key, error.message, error) : error
  }
}

function contextOf(backupId: string, file: string, { signal }: Call): CodecContext {
  return { backupId, file, resource: '', signal }
}
