import type { StoredObject } from './stored-object.js'

/** The content of a body, or of a map stored with it: names to values, straight from JSON. */
export type JsonObject = Readonly<Record<string, unknown>>

const decoder = new TextDecoder()

/** Behaviours under which s3db.js reads a body as a part of the record. */
const readsBodies = new Set(['body-only', 'body-overflow', 'user-managed'])

/**
 * The body of an object as the rest of its record, or undefined if the body is something else: content that the
 * user attached, or a copy of the metadata. s3db.js does not say which it is, but it follows from what wrote it,
 * which may be another behaviour than the resource has by now:
 *
 * - `body-overflow` marks metadata with `_overflow` when the body holds the remaining attributes;
 * - `body-only` and `user-managed` (over the metadata limit) put all attributes into the body, with their version, and
 *   none into metadata; after an update of a `user-managed` record metadata has them too, and counts;
 * - under `enforce-limits` and `truncate-data` s3db.js never reads the body.
 */
export function recordInBody(
  { metadata, body }: StoredObject,
  behavior: string,
  isAttribute: (key: string) => boolean,
): JsonObject | undefined {
  if (body.byteLength === 0 || !readsBodies.has(behavior)) return undefined
  const overflows = metadata._overflow === 'true' || metadata.$overflow === 'true'
  if (!overflows && Object.keys(metadata).some(isAttribute)) return undefined
  const record = jsonObject(decoder.decode(body))
  // A record of `body-overflow` that has no attributes may have content instead.
  const isWhole = overflows || behavior !== 'body-overflow' || record?._v !== undefined
  return isWhole ? record : undefined
}

/** Parsed JSON if it is an object, undefined for anything else. */
export function jsonObject(text: string): JsonObject | undefined {
  try {
    const parsed: unknown = JSON.parse(text)
    return isJsonObject(parsed) ? parsed : undefined
  } catch {
    return undefined
  }
}

function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The map that a record brings along in its metadata: attribute path to key. Undefined if it has none. */
export function ownMap(text: string | null | undefined): Readonly<Record<string, string>> | undefined {
  const map = typeof text === 'string' ? jsonObject(text) : undefined
  if (map === undefined) return undefined
  return Object.fromEntries(
    Object.entries(map).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
}
