import { isDeepStrictEqual } from 'node:util'
import type { Row } from '@s3db-backup/core'
import { isStoredSecret } from './encrypted.js'
import type { StoredForm } from './stored-form.js'
import type { StoredObject } from './stored-object.js'
import { valueAt } from './value-at.js'

/** Metadata of an object on S3 is at most 2 KiB; some of it is left for what clients add. */
const metadataLimit = 1900

/** Why a row cannot be stored, in words. */
export interface Unstorable {
  readonly reason: string
}

/**
 * The object of a row without a raw form, as s3db.js would store it: the values of a `body-only` resource, and values
 * too long for metadata, are in the body. It reads as the row; otherwise the reason is returned: a value of another
 * type, or a secret that is not as it was stored.
 */
export function wholeObject(form: StoredForm, row: Row, version: string): StoredObject | Unstorable {
  const secret = form.secretPaths.find((path) => !isSecretAsStored(valueAt(row, path)))
  if (secret !== undefined)
    return { reason: `the secret "${secret}" is not as it was stored: keep it, or leave it out` }
  const object = encoded(form, row, version)
  if (object === undefined) return { reason: 'it holds a value that cannot be stored' }
  const differing = differences(row, form.decode(object, row.id))
  if (differing.length === 0) return object
  return { reason: `it would not read as it was given: ${differing.join(', ')}` }
}

function encoded(form: StoredForm, row: Row, version: string): StoredObject | undefined {
  const { behavior, map, pluginMap } = form.definition
  const object = form.encode(row, version)
  if (object === undefined) return undefined
  const { _v, ...fields } = object.metadata
  const plugin = Object.keys(pluginMap).length === 0 ? {} : { _pluginmap: JSON.stringify(pluginMap) }
  const inBody = (metadata: StoredObject['metadata']) => wholeInBody(form, row, { version, metadata })
  if (behavior === 'body-only') return inBody({ _v, _map: JSON.stringify(map), ...plugin })
  const sized = Object.entries(fields).map(([key, value]) => ({ key, value, bytes: bytesOf(key, value) }))
  const total = sized.reduce((sum, { bytes }) => sum + bytes, 0)
  if (total <= metadataLimit) return object
  if (behavior === 'user-managed') return inBody({ _v, ...plugin })
  if (behavior !== 'body-overflow') return object
  sized.sort((a, b) => a.bytes - b.bytes)
  let [kept, count] = [0, 0]
  for (const { bytes } of sized) {
    if (kept + bytes > metadataLimit) break
    kept += bytes
    count += 1
  }
  const entries = sized.map(({ key, value }) => [key, value] as const)
  return {
    ...object,
    metadata: { _v, ...plugin, ...Object.fromEntries(entries.slice(0, count)), _overflow: 'true' },
    body: jsonBody(Object.fromEntries(entries.slice(count))),
  }
}

/** Values that are not attributes, such as leftovers of an earlier version, stay unchanged in a body. */
function wholeInBody(
  form: StoredForm,
  row: Row,
  { version, metadata }: { readonly version: string; readonly metadata: StoredObject['metadata'] },
): StoredObject | undefined {
  const { attributes } = form.definition
  const isKnown = ([name]: [string, unknown]) => name === 'id' || Object.hasOwn(attributes, name)
  const known = { ...Object.fromEntries(Object.entries(row).filter(isKnown)), id: row.id }
  const others = Object.fromEntries(Object.entries(row).filter((entry) => !isKnown(entry)))
  const object = form.encode(known, version)
  return object && { ...object, metadata, body: jsonBody({ ...others, ...object.metadata }) }
}

/** Text beyond ASCII takes a third more in metadata, and a mark. */
function bytesOf(key: string, value: string | null | undefined): number {
  const bytes = Buffer.byteLength(String(value))
  return key.length + (bytes === String(value).length ? bytes : Math.ceil(bytes / 3) * 4 + 8)
}

function jsonBody(value: object): Uint8Array {
  return Buffer.from(JSON.stringify(value))
}

/** A record may have no value for a secret. */
function isSecretAsStored(value: unknown): boolean {
  return value === undefined || value === null || value === '' || isStoredSecret(value)
}

function differences(row: Row, read: Row | undefined): string[] {
  const names = new Set([...Object.keys(row), ...Object.keys(read ?? {})])
  return [...names].filter((name) => !isDeepStrictEqual(row[name] ?? null, read?.[name] ?? null))
}
