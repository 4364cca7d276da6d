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
  const plain = { attributes: {}, partitions: {}, timestamps: false }
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
