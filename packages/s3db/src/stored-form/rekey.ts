import { isDeepStrictEqual } from 'node:util'
import type { Row } from '@s3db-backup/core'
import { isSecret } from './attributes.js'
import type { StoredFormDefinition } from './form.js'
import { type JsonObject, ownMap, recordInBody } from './layout.js'
import type { StoredObject } from './stored-object.js'

/** The parts of a form needed to move its objects: how they are stored, and how they read. */
interface ReadableForm {
  readonly definition: StoredFormDefinition
  decode(object: StoredObject, id: string): Row | undefined
}

/** Attribute paths of the source that the target has no place for. */
export interface Missing {
  readonly missing: string[]
}

/** Gives an object the keys of another resource with the same attributes. See `StoredForm.rekey`. */
export function rekeyed(
  object: StoredObject,
  source: ReadableForm,
  target: ReadableForm,
): StoredObject | Missing {
  const from = source.definition
  const to = target.definition
  const paths = pathsByKey(from.map, from.pluginMap)
  const body = recordInBody(object, from.behavior, (key) => paths.has(key))
  const bodyPaths = pathsByKey(
    ownMap(object.metadata._map) ?? from.map,
    ownMap(object.metadata._pluginmap) ?? from.pluginMap,
  )

  const missing = [...lost(object.metadata, paths, from, to), ...lost(body ?? {}, bodyPaths, from, to)]
  if (missing.length > 0) return { missing: [...new Set(missing)] }

  const moved: StoredObject = {
    metadata: withMaps(renamed(object.metadata, paths, to), to),
    body: body === undefined ? object.body : Buffer.from(JSON.stringify(renamed(body, bodyPaths, to))),
    contentType: object.contentType,
  }
  const differing = differences(source.decode(object, ''), target.decode(moved, ''))
  return differing.length === 0 ? moved : { missing: differing }
}

function pathsByKey(...maps: ReadonlyArray<Readonly<Record<string, string>>>): ReadonlyMap<string, string> {
  return new Map(maps.flatMap((map) => Object.entries(map).map(([path, key]) => [key, path] as const)))
}

function keyIn(form: StoredFormDefinition, path: string): string | undefined {
  if (Object.hasOwn(form.pluginMap, path)) return form.pluginMap[path]
  return Object.hasOwn(form.map, path) ? form.map[path] : undefined
}

/**
 * What would be lost: attributes that do not exist or are encrypted differently, and foreign keys that have a meaning
 * there.
 */
function lost(
  entries: JsonObject,
  paths: ReadonlyMap<string, string>,
  from: StoredFormDefinition,
  to: StoredFormDefinition,
): string[] {
  const taken = pathsByKey(to.map, to.pluginMap)
  return Object.keys(entries).flatMap((key) => {
    const path = paths.get(key)
    if (path === undefined) return taken.has(key) ? [key] : []
    return keyIn(to, path) !== undefined && isSecret(path, from) === isSecret(path, to) ? [] : [path]
  })
}

function renamed<Value>(
  entries: Readonly<Record<string, Value>>,
  paths: ReadonlyMap<string, string>,
  to: StoredFormDefinition,
): Record<string, Value> {
  return Object.fromEntries(
    Object.entries(entries).map(([key, value]) => {
      const path = paths.get(key)
      return [path === undefined ? key : (keyIn(to, path) ?? key), value]
    }),
  )
}

/** The maps that a record carries are those of the resource it is written to. */
function withMaps(metadata: StoredObject['metadata'], to: StoredFormDefinition): StoredObject['metadata'] {
  return {
    ...metadata,
    ...(Object.hasOwn(metadata, '_map') ? { _map: JSON.stringify(to.map) } : {}),
    ...(Object.hasOwn(metadata, '_pluginmap') ? { _pluginmap: JSON.stringify(to.pluginMap) } : {}),
  }
}

/** Names of the fields that read differently. All of them if one side cannot be read at all. */
function differences(
  before: Readonly<Record<string, unknown>> | undefined,
  after: Readonly<Record<string, unknown>> | undefined,
): string[] {
  if (before === undefined && after === undefined) return []
  const names = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])
  return [...names].filter((name) => !isDeepStrictEqual(before?.[name], after?.[name]))
}
