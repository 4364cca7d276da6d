import { BackupError, isBackupError } from '@s3db-backup/core'
import type { Database } from '../client/database.js'
import type { Definition } from '../definition.js'
import { orphanedPartitions } from '../orphaned-partitions.js'
import { createAsSaved } from './create-resource.js'
import { type Difference, givePartitions } from './same-definition.js'

/** A resource that is to be made, under its name at the target. */
export interface ToMake {
  readonly name: string
  /** Its name in the backup. */
  readonly source: string
  readonly version: string
  readonly definition: Definition
  readonly make: Difference
}

/**
 * Creates a resource, or changes what differs. If s3db.js refuses partitions, it is created without them. Returns what
 * was left out, in sentences. If a resource cannot be created, the database stays unchanged and this throws
 * `unsupported`.
 */
export async function makeResource(database: Database, resource: ToMake): Promise<readonly string[]> {
  const { definition } = resource
  const orphans = orphanedPartitions(definition.form.attributes, definition.entry.partitions ?? {})
  const reduced = {
    ...resource,
    definition: withoutPartitions(
      definition,
      orphans.map(({ partition }) => partition),
    ),
  }
  const said = orphans.map(
    ({ partition, field }) =>
      `its partition "${partition}" was left out, because it is by "${field}", which the resource does not have`,
  )
  try {
    if (resource.make === 'partitions') {
      const strict = Reflect.get(database, 'strictValidation') !== false
      await givePartitions(database, strict ? reduced : resource)
      return strict ? said : []
    }
    await orAsBefore(database, resource)
    return []
  } catch (error) {
    if (orphans.length === 0) throw notUnderstood(resource.source, error)
  }
  try {
    await orAsBefore(database, reduced)
    return said
  } catch (error) {
    throw notUnderstood(resource.source, error)
  }
}

async function orAsBefore(database: Database, resource: ToMake): Promise<void> {
  const { resources, savedMetadata } = database
  const { name } = resource
  const before = Object.hasOwn(resources, name) ? resources[name] : undefined
  const saved = savedMetadata?.resources[name]
  try {
    await createAsSaved(database, resource)
  } catch (error) {
    if (before !== undefined) resources[name] = before
    if (savedMetadata !== null && saved !== undefined) savedMetadata.resources[name] = saved
    else delete savedMetadata?.resources[name]
    throw error
  }
}

function withoutPartitions(definition: Definition, names: readonly string[]): Definition {
  const without = (partitions: object | undefined): Record<string, unknown> =>
    Object.fromEntries(Object.entries(partitions ?? {}).filter(([name]) => !names.includes(name)))
  const { entry } = definition
  const versions = Object.entries(entry.versions ?? {}).map(([version, saved]) => {
    const { partitions } = saved
    return [version, partitions instanceof Object ? { ...saved, partitions: without(partitions) } : saved]
  })
  return {
    ...definition,
    entry: { ...entry, partitions: without(entry.partitions), versions: Object.fromEntries(versions) },
  }
}

/**
 * Unknown types, unusable names and endlessly nested definitions fail wherever they are read first. An error of the
 * storage has a code, and is passed on unchanged.
 */
export function notUnderstood(resource: string, cause: unknown): unknown {
  if (isBackupError(cause) || (isOfStorage(cause) && !(cause instanceof RangeError))) return cause
  const why = cause instanceof Error ? cause.message : String(cause)
  return new BackupError(
    'unsupported',
    `The backup's definition of ${resource} cannot be used here: ${why}`,
    {
      operation: 'restore',
      suggestion:
        'Restore with the version of s3db.js that the backup was made with, or leave this resource out.',
      metadata: { resource },
      cause,
    },
  )
}

/** s3db.js speaks with the same errors of a definition that it refuses and of a storage; only the latter has a cause. */
function isOfStorage(cause: unknown): boolean {
  if (typeof cause !== 'object' || cause === null || !('code' in cause || 'statusCode' in cause)) return false
  const refused = cause instanceof Error && /^(Partition|Schema|Resource|Validation)Error$/.test(cause.name)
  return !refused || Reflect.get(cause, 'original') !== undefined
}
