import { actionName } from './actions.js'
import { attributeAt, type StoredFormDefinition } from './form.js'

/** Which parts of records are secrets. A form may leave them out of what it decodes. */
export type SecretsOption = 'keep' | 'omit'

/** Whether an attribute is stored encrypted. */
export function isSecret(path: string, form: StoredFormDefinition): boolean {
  const hooks = [...(own(form.hooks.beforeMap, path) ?? []), ...(own(form.hooks.afterUnmap, path) ?? [])]
  return hooks.map(actionName).some((name) => name === 'encrypt' || name === 'decrypt')
}

/** The attribute's type string, or undefined: for those defined by an object, and for what is not defined. */
export function typeOf(path: string, form: StoredFormDefinition): string | undefined {
  const definition = attributeAt(form.attributes, path)
  return typeof definition === 'string' ? definition : undefined
}

/** Attributes whose names begin with `_` belong to s3db.js, but for geo hashes and those of plugins. */
export function isVisible(path: string, form: StoredFormDefinition): boolean {
  if (!path.startsWith('_')) return true
  return path === '_geohash' || path.startsWith('_geohash_zoom') || form.pluginAttributes.includes(path)
}

/** A record's entry, never one that every object inherits. */
export function own<Value>(record: Readonly<Record<string, Value>>, key: string): Value | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined
}
