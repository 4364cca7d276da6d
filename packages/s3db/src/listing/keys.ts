import type { IdRange, ResourceInfo } from '@s3db-backup/core'
import type { KeyRange } from './key-range.js'

/*
 * Where s3db.js keeps things, below the database's prefix:
 *
 *   s3db.json                                   the database's own metadata
 *   resource=<name>/data/id=<id>                the records
 *   resource=<name>/partition=<p>/...           references, made again from the records
 *   resource=<name>/meta/...                    cached counts, derived
 *   resource=<name>/historical/, sequence=, plugin=   what a restore needs besides
 *   plugin=<slug>/...                           data of plugins
 */

export const dataPrefix = (resource: string): string => `resource=${resource}/data/id=`

export const dataKey = (resource: string, id: string): string => `${dataPrefix(resource)}${id}`

/** The keys of the records in a range of ids. */
export function keysOf(resource: string, { after, upTo }: IdRange): KeyRange {
  return {
    after: after === undefined ? undefined : dataKey(resource, after),
    upTo: upTo === undefined ? undefined : dataKey(resource, upTo),
  }
}

/** Prefixes of a resource's objects that are neither records nor derived from them, in the order of listings. */
export const extraPrefixes = (resource: string): string[] => [
  `resource=${resource}/historical/`,
  `resource=${resource}/plugin=`,
  `resource=${resource}/sequence=`,
]

/** Derived from the records, and wrong once they were restored. */
export const derivedPrefix = (resource: string): string => `resource=${resource}/meta/`

export const pluginPrefix = 'plugin='

/** The current value of a counter: `resource=<name>/sequence=<field>/value`, or one of a plugin. */
export function isSequenceValue(key: string): boolean {
  return /\/sequence=[^/]+\/value$/.test(key)
}

/*
 * Objects that are no records but belong to a restore (counters, history, data of plugins) travel as internal
 * resources: one per resource that has any, and one for the plugins of the whole database. A resource whose own name
 * begins so is not backed up (`resource-names.ts`), so the names cannot clash.
 */

const objectsOf = ':objects:'

export const databaseObjects = ':objects'

export function internalInfos(resources: readonly string[]): ResourceInfo[] {
  const plain = { attributes: {}, partitions: {}, timestamps: false, shape: 'objects' }
  return [
    ...resources.map((name) => ({ name: `${objectsOf}${name}`, of: name, ...plain })),
    { name: databaseObjects, of: null, ...plain },
  ]
}

/** The prefixes that an internal resource covers; `undefined` for other names. */
export function internalPrefixes(name: string): string[] | undefined {
  if (name === databaseObjects) return [pluginPrefix]
  return name.startsWith(objectsOf) ? extraPrefixes(name.slice(objectsOf.length)) : undefined
}

/** The resource that an internal one belongs to; `undefined` for other names, and for the database's own. */
export function internalOwner(name: string): string | undefined {
  return name.startsWith(objectsOf) ? name.slice(objectsOf.length) : undefined
}

/** How the keys of an internal resource lie at the target, where its resource may have another name. */
export interface KeyMapping {
  readonly targetPrefixes: readonly string[]
  /** The key at the target; `undefined` for a key that does not belong to the internal resource. */
  toTarget(key: string): string | undefined
}

export function internalKeys(name: string, rename: Readonly<Record<string, string>>): KeyMapping {
  const prefixes = internalPrefixes(name) ?? []
  const resource = name.startsWith(objectsOf) ? name.slice(objectsOf.length) : undefined
  const renamed = resource !== undefined && Object.hasOwn(rename, resource) ? rename[resource] : undefined
  const targetPrefixes = renamed === undefined ? prefixes : extraPrefixes(renamed)
  return {
    targetPrefixes,
    toTarget(key) {
      const index = prefixes.findIndex((prefix) => key.startsWith(prefix))
      const [from, to] = [prefixes[index], targetPrefixes[index]]
      return from === undefined || to === undefined ? undefined : `${to}${key.slice(from.length)}`
    },
  }
}
