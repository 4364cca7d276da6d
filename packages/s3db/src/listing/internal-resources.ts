import type { ResourceInfo } from '@s3db-backup/core'
import { extraPrefixes, pluginPrefix } from './keys.js'

/*
 * Objects that are no records but belong to a restore (counters, history, data of plugins) travel as internal
 * resources: one per resource that has any, and one for the plugins of the whole database. A `:` cannot be in
 * the name of a resource, so the names cannot clash.
 */

const objectsOf = ':objects:'

const databaseObjects = ':objects'

export function internalInfos(resources: readonly string[]): ResourceInfo[] {
  const plain = { attributes: {}, partitions: {}, timestamps: false, shape: 'objects' }
  return [
    ...resources.map((name) => ({ name: `${objectsOf}${name}`, of: name, ...plain })),
    { name: databaseObjects, of: null, ...plain },
  ]
}

/** The prefixes that an internal resource covers; nothing for a name that is not internal. */
export function internalPrefixes(name: string): string[] | undefined {
  if (name === databaseObjects) return [pluginPrefix]
  return name.startsWith(objectsOf) ? extraPrefixes(name.slice(objectsOf.length)) : undefined
}

/** How the keys of an internal resource lie at the target, where its resource may have another name. */
export interface KeyMapping {
  readonly targetPrefixes: readonly string[]
  /** The key at the target; nothing for a key that does not belong to the internal resource. */
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
