import { isDeepStrictEqual } from 'node:util'
import * as z from 'zod'
import type { Resource, SavedResource } from '../client/database.js'
import { plain } from '../definition.js'

/** Settings of a version. Older releases of s3db.js do not write all of them. */
const savedVersion = z.looseObject({
  attributes: z.record(z.string(), z.unknown()).optional(),
  behavior: z.string().optional(),
  timestamps: z.boolean().optional(),
})

const registry = z.looseObject({ mapping: z.record(z.string(), z.number()) }).optional()

/**
 * Whether a connected resource is what its entry in `s3db.json` says. It is not after a definition that s3db.js has
 * refused, half of which it keeps in memory, nor while a new one waits to be written: nobody else ever sees such a
 * resource, and a restore could not make it of the entry.
 */
export function isAsStored(resource: Resource, entry: SavedResource): boolean {
  const saved = savedVersion.safeParse(entry.versions?.[entry.currentVersion ?? 'v1'])
  // Nothing to compare with: the connected resource is the best there is.
  if (!saved.success) return true
  const { attributes, behavior = 'user-managed', timestamps = false } = saved.data
  const { config, schema } = resource
  return (
    resource.behavior === behavior &&
    (config.timestamps === true) === timestamps &&
    same(config.partitions ?? {}, entry.partitions ?? {}) &&
    (attributes === undefined || same(ownOf(schema.attributes), ownOf(attributes))) &&
    hasKeysOf(schema.map, Reflect.get(entry, 'schemaRegistry'))
  )
}

/** Without those of plugins, which have a registry of their own and which s3db.js writes later. */
function ownOf(attributes: Readonly<Record<string, unknown>>): object {
  const isPlugins = (type: unknown) => type instanceof Object && '__plugin__' in type
  return Object.fromEntries(Object.entries(attributes).filter(([, type]) => !isPlugins(type)))
}

/** Whether attributes lie under the keys that the registry gives them. Releases without a registry count them anew. */
function hasKeysOf(map: Readonly<Record<string, string>>, schemaRegistry: unknown): boolean {
  const { data } = registry.safeParse(schemaRegistry)
  if (data === undefined) return true
  return Object.entries(map).every(([attribute, key]) => data.mapping[attribute] === Number.parseInt(key, 36))
}

function same(one: unknown, other: unknown): boolean {
  return isDeepStrictEqual(plain(one), plain(other))
}
