import { isDeepStrictEqual } from 'node:util'
import { BackupError, type ResourceInfo } from '@s3db-backup/core'
import { contentHash } from '@s3db-backup/core/internal'
import * as z from 'zod'
import type { Resource, SavedResource } from './client/database.js'
import { formOf, type StoredFormDefinition, storedFormSchema } from './stored-form/index.js'

/**
 * The definition of a resource in a backup, besides the documented fields: the unchanged entry of s3db.json, and the
 * form in which its records are stored (the schema's map is nowhere else). It has none of the database's security
 * settings: a passphrase must never be in a backup.
 */
export const definitionSchema = z.looseObject({
  version: z.string(),
  form: storedFormSchema,
  entry: z.looseObject({
    currentVersion: z.string().optional(),
    partitions: z.record(z.string(), z.unknown()).optional(),
    createdBy: z.string().optional(),
    versions: z.record(z.string(), z.record(z.string(), z.unknown())).optional(),
  }),
})

export type Definition = z.infer<typeof definitionSchema>

/** A resource as it is read: its entry in s3db.json, and how its records are stored. */
export interface DefinedResource {
  readonly name: string
  readonly version: string
  readonly partitions: Readonly<Record<string, unknown>>
  readonly timestamps: boolean
  readonly form: StoredFormDefinition
  readonly entry: SavedResource
}

/** Combines a resource of s3db.js with its entry in s3db.json. */
export function definedResource(resource: Resource, entry: SavedResource, version: string): DefinedResource {
  const { name, config } = resource
  return {
    name,
    version,
    partitions: config.partitions ?? {},
    timestamps: config.timestamps === true,
    form: formOf(resource),
    entry,
  }
}

/** What s3db.js writes among the settings of a version as it happens to be: it says nothing of how records are stored. */
export const incidentalSettings: readonly string[] = ['hooks', 'cache', 'createdAt']

/** Describes a resource for the manifest. */
export function describeResource(resource: DefinedResource): ResourceInfo {
  const { name, version, partitions, timestamps, form, entry } = resource
  return {
    name,
    attributes: plainCopy(form.attributes, name),
    partitions: plainCopy(partitions, name),
    timestamps,
    shape: contentHash(JSON.stringify([version, form])),
    definition: plainCopy({ version, form, entry }, name),
  }
}

/** The definition that a backup has of a resource. Throws `unsupported` if it was not written by this source. */
export function parseDefinition(info: ResourceInfo): Definition {
  const parsed = definitionSchema.safeParse(info.definition)
  if (parsed.success) return parsed.data
  throw new BackupError('unsupported', `The backup of ${info.name} was not made from an s3db.js database`, {
    operation: 'restore',
    suggestion: 'Read its records with export or query, or restore them into a target of your own program.',
    metadata: {
      resource: info.name,
      problems: parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`),
    },
    cause: parsed.error,
  })
}

const jsonObject = z.record(z.string(), z.json())

/** A plain copy, without functions and `undefined`, as s3db.json itself would have it. */
function plainCopy(value: object, resource: string): z.infer<typeof jsonObject> {
  try {
    return jsonObject.parse(JSON.parse(JSON.stringify(value)))
  } catch (cause) {
    throw new BackupError('unsupported', `The definition of ${resource} cannot be written as JSON`, {
      metadata: { resource },
      cause,
    })
  }
}

/** Attributes of the backup that the target's resource has not, or has otherwise. */
export function differingAttributes(definition: Definition, target: unknown): string[] {
  const there = new Map(typeof target === 'object' && target !== null ? Object.entries(target) : [])
  return Object.entries(definition.form.attributes)
    .filter(([name, type]) => !isDeepStrictEqual(plain(there.get(name)), type))
    .map(([name]) => name)
}

/** As JSON has it, to compare it with what comes from a manifest. */
export function plain(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value))
}
