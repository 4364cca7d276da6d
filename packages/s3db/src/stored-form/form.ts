import type { JsonValue } from '@s3db-backup/core'
import * as z from 'zod'

/** The name that leads to an object's prototype; no attribute and no key is called so. */
const reserved = /(?:^|\.)__proto__(?:\.|$)/

const name = z.string().refine((text) => !reserved.test(text), 'is a reserved name')
const names = z.record(name, name)
/** What comes out of `JSON.parse` can only be JSON: anything that is there at all. */
const json = z.custom<JsonValue>((value) => value !== undefined, 'is missing')

const hookEntry = z.union([
  z.string(),
  z.object({ action: z.string(), params: z.record(z.string(), json).default({}) }),
])
const hooks = z.record(z.string(), z.array(hookEntry))

/** One step of an attribute's hooks: the action's name, with its parameters if it has any. */
export type HookEntry = z.output<typeof hookEntry>

/** Checks a definition that comes from outside, such as a manifest. */
export const storedFormSchema = z.object({
  /** Attribute definitions as s3db.js has them. */
  attributes: z.record(z.string(), json),
  /** Attribute path to metadata key. */
  map: names,
  /** The same for attributes that plugins added. */
  pluginMap: names,
  /** What s3db.js does to values on their way in and out, by attribute path. */
  hooks: z.object({ beforeMap: hooks, afterUnmap: hooks }),
  /** Between the items of arrays that are stored as one text. */
  separator: z.string(),
  /** Attributes of plugins, which are shown though their names begin with `_`. */
  pluginAttributes: z.array(name),
  /** How a resource spreads records over metadata and body: `body-overflow`, `user-managed`, ... */
  behavior: z.string(),
})

/**
 * All that is needed to read and write a resource's records, as plain JSON. It is kept in the backup, so that a
 * restore needs neither the live resource nor today's configuration. It holds no keys and no passphrase.
 */
export type StoredFormDefinition = z.output<typeof storedFormSchema>

/** The part of an s3db.js resource that says how its records are stored. */
export interface ResourceLike {
  readonly behavior?: string | undefined
  readonly schema: {
    readonly attributes: object
    readonly map: Readonly<Record<string, string>>
    readonly pluginMap?: Readonly<Record<string, string>> | undefined
    readonly options: { readonly hooks?: unknown; readonly arraySeparator?: string | undefined }
    readonly _pluginAttributes?: Readonly<Record<string, readonly string[]>> | undefined
  }
}

const emptyHooks = { beforeMap: {}, afterUnmap: {} }

/**
 * The definition of a live resource's stored form. Only what JSON can hold is taken; functions in attribute
 * definitions validate values and do not change how they are stored.
 *
 * Throws `ZodError` if the resource is not one of s3db.js.
 */
export function formOf(resource: ResourceLike): StoredFormDefinition {
  const { schema } = resource
  const definition: unknown = JSON.parse(
    JSON.stringify({
      attributes: schema.attributes,
      map: schema.map,
      pluginMap: schema.pluginMap ?? {},
      hooks: schema.options.hooks ?? emptyHooks,
      separator: schema.options.arraySeparator ?? '|',
      pluginAttributes: Object.values(schema._pluginAttributes ?? {}).flat(),
      behavior: resource.behavior ?? 'user-managed',
    }),
  )
  return storedFormSchema.parse(definition)
}

/** The definition of the attribute at a dotted path: a type string, an object, or undefined. */
export function attributeAt(attributes: StoredFormDefinition['attributes'], path: string): unknown {
  let here: unknown = attributes
  for (const step of path.split('.')) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, step)) return undefined
    here = Reflect.get(here, step)
  }
  return here
}
