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

/** Prefixes of a resource's objects that are neither records nor derived from them, in the order of listings. */
export const extraPrefixes = (resource: string): string[] => [
  `resource=${resource}/historical/`,
  `resource=${resource}/plugin=`,
  `resource=${resource}/sequence=`,
]

/** Derived from the records, and wrong once they were restored. */
export const derivedPrefix = (resource: string): string => `resource=${resource}/meta/`

export const pluginPrefix = 'plugin='

/** Locks are held by processes that will be gone; caches are derived; the core's own plugin keeps only locks. */
export function isTransient(key: string): boolean {
  return /(^|\/)plugin=(s3db-core|cache)(\/|$)/.test(key) || /\/lock$/.test(key)
}

/** The current value of a counter: `resource=<name>/sequence=<field>/value`, or one of a plugin. */
export function isSequenceValue(key: string): boolean {
  return /\/sequence=[^/]+\/value$/.test(key)
}
