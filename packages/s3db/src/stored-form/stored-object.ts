import { BackupError, type JsonValue } from '@s3db-backup/core'
import * as z from 'zod'

/** A record as the database's client returns and accepts it. */
export interface StoredObject {
  /** Decoded metadata. The client gives null and undefined for what it stored as such; the key is there. */
  readonly metadata: Readonly<Record<string, string | null | undefined>>
  readonly body: Uint8Array
  /** Undefined leaves it to the client, which then says `application/octet-stream`. */
  readonly contentType: string | undefined
}

/** No body. */
export const emptyBody: Uint8Array = new Uint8Array(0)

/** The key as the client spells it in metadata: lower case, and `_` for all but letters, digits, `-` and `_`. */
export function metadataKey(key: string): string {
  return key.replace(/[^a-zA-Z0-9\-_]/g, '_').toLowerCase()
}

/*
 * The raw form of a stored object as JSON, for the raw part of a backup: metadata as it is, the body as text
 * where it is UTF-8 and as base64 where it is not, and the names of metadata keys that are `undefined`, which
 * JSON would drop.
 */

export const rawObject = z.looseObject({
  metadata: z.record(z.string(), z.string().nullable()),
  undefined: z.array(z.string()).optional(),
  body: z.string().optional(),
  base64: z.base64().optional(),
  contentType: z.string().optional(),
})

export function toRaw({ metadata, body, contentType }: StoredObject): JsonValue {
  const entries = Object.entries(metadata)
  const absent = entries.filter(([, value]) => value === undefined).map(([key]) => key)
  const present = entries.flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const]))
  return {
    metadata: Object.fromEntries(present),
    ...(absent.length > 0 ? { undefined: absent } : {}),
    ...bodyToJson(body),
    ...(contentType === undefined ? {} : { contentType }),
  }
}

/** Throws `corrupt` for anything that {@link toRaw} did not make. */
export function fromRaw(raw: JsonValue, what: string): StoredObject {
  const parsed = rawObject.safeParse(raw)
  if (!parsed.success)
    throw new BackupError('corrupt', `The raw form of ${what} is not readable`, {
      operation: 'restore',
      cause: parsed.error,
    })
  const { metadata, undefined: absent = [], body, base64, contentType } = parsed.data
  const undefinedKeys = Object.fromEntries(absent.map((key) => [key, undefined]))
  return {
    metadata: { ...metadata, ...undefinedKeys },
    body: base64 === undefined ? Buffer.from(body ?? '') : Buffer.from(base64, 'base64'),
    contentType,
  }
}

function bodyToJson(body: Uint8Array): { body?: string; base64?: string } {
  if (body.byteLength === 0) return {}
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  if (bytes.byteLength > longestEscaped && isShorterAsBase64(bytes))
    return { base64: bytes.toString('base64') }
  const text = bytes.toString('utf8')
  return bytes.equals(Buffer.from(text)) ? { body: text } : { base64: bytes.toString('base64') }
}

/** Bodies up to this length are text wherever they can be: somebody may want to read them. */
const longestEscaped = 1024 * 1024

/** JSON takes six characters for most control characters: a large body of them would be too long for a text. */
function isShorterAsBase64(bytes: Uint8Array): boolean {
  let escapes = 0
  for (const byte of bytes) {
    if (byte < 0x20) escapes += 5
    else if (byte === 0x22 || byte === 0x5c) escapes += 1
  }
  return escapes > bytes.byteLength / 3
}
