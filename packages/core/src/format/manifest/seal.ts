import { BackupError } from '../../errors.js'
import { parseJsonText } from '../json-text.js'
import { sha256 } from '../sha256.js'

/*
 * A sealed file is indented JSON whose last field is the SHA-256 of every byte before it. Manifests are sealed, and so
 * are the notes of deletions and the plans and receipts of shards.
 */

/** The largest manifest that is written or read, in bytes: 64 MiB describe some 100,000 resources. */
export const longestManifest = 64 * 1024 * 1024

/** The bytes of a file, and the checksum that it ends with. */
export interface Sealed {
  readonly bytes: Uint8Array
  /** SHA-256 of everything before it, in hex. */
  readonly checksum: string
}

/**
 * Seals any fields. `authenticate` gives a tag under a key, which is stored before the checksum. Throws `internal` for
 * more bytes than a manifest may have.
 */
export function sealFields(fields: object, authenticate?: (body: Uint8Array) => string): Sealed {
  const text = Buffer.from(JSON.stringify(fields, null, 2).slice(0, -'\n}'.length))
  const tag = authenticate === undefined ? '' : tagField(authenticate(text))
  const body = tag === '' ? text : Buffer.concat([text, Buffer.from(tag)])
  if (body.byteLength + sealLength > longestManifest) throw unwritable(`it has ${body.byteLength} bytes`)
  const checksum = sha256(body)
  return { bytes: Buffer.concat([body, Buffer.from(seal(checksum))]), checksum }
}

/** The JSON of a sealed file. Throws `corrupt` unless every byte is as it was written. */
export function openSealed(bytes: Uint8Array, key: string): unknown {
  const checksum = sealOf(bytes)
  if (checksum === undefined) throw unsealed(key)
  checkSeal(bytes, checksum, key)
  return parseJson(bytes, key)
}

/** The bytes that a tag covers, and the tag. `undefined` if there is no tag before the checksum. */
export function taggedBody(
  bytes: Uint8Array,
): { readonly body: Uint8Array; readonly tag: string } | undefined {
  const sealed = bytes.subarray(0, -sealLength)
  const end = Buffer.from(sealed.subarray(-longestTagField)).toString('latin1')
  const match = tagPattern.exec(end)
  if (match?.[1] === undefined) return undefined
  return { body: sealed.subarray(0, sealed.byteLength - match[0].length), tag: match[1] }
}

/** The checksum that a file ends with; `undefined` if it ends otherwise than a sealed one. */
export function sealOf(bytes: Uint8Array): string | undefined {
  if (bytes.byteLength < sealLength) return undefined
  return sealPattern.exec(Buffer.from(bytes.subarray(-sealLength)).toString('latin1'))?.[1]
}

/** Throws `corrupt` unless the bytes before the seal have this checksum. */
export function checkSeal(bytes: Uint8Array, recorded: string, key: string): void {
  if (sha256(bytes.subarray(0, -sealLength)) === recorded) return
  throw damagedManifest(key, 'its checksum does not match')
}

/** The JSON of a file, whatever its end. Throws `corrupt` if it is none. */
export function parseJson(bytes: Uint8Array, key: string): unknown {
  try {
    return parseJsonText(textOf(bytes))
  } catch (error) {
    throw damagedManifest(key, 'it is not JSON, or only the beginning of it', {}, error)
  }
}

/** The bytes as text. Throws a `TypeError` for bytes that are not UTF-8. */
export function textOf(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
}

const seal = (checksum: string): string => `,\n  "checksum": "${checksum}"\n}\n`
const sealPattern = /^,\n {2}"checksum": "([0-9a-f]{64})"\n\}\n$/
const sealLength = seal('0'.repeat(64)).length

const tagField = (tag: string): string => `,\n  "tag": ${JSON.stringify(tag)}`
const tagPattern = /,\n {2}"tag": "([A-Za-z0-9+/=]{1,200})"$/
const longestTagField = tagField('0'.repeat(200)).length

/** The error for a file that does not end as a sealed one does. */
export function unsealed(key: string): BackupError {
  return damagedManifest(key, 'its end is missing or altered')
}

/** The error for a manifest that cannot be stored. */
export function unwritable(why: string, cause?: unknown): BackupError {
  return new BackupError('internal', `The manifest cannot be written: ${why}`, {
    ...(cause === undefined ? {} : { cause }),
  })
}

/** The error for a stored manifest that is not as it was written. */
export function damagedManifest(key: string, why: string, metadata = {}, cause?: unknown): BackupError {
  return new BackupError('corrupt', `The manifest ${key} is damaged: ${why}`, {
    operation: 'download',
    metadata: { key, ...metadata },
    ...(cause === undefined ? {} : { cause }),
  })
}
