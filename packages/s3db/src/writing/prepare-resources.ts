import { isDeepStrictEqual } from 'node:util'
import {
  BackupError,
  type Call,
  isBackupError,
  type ResourceInfo,
  type RestoreMode,
  type RestorePlan,
} from '@s3db-backup/core'
import type { Database, Resource } from '../client/database.js'
import { type Definition, differingAttributes, parseDefinition, plain } from '../definition.js'
import { formOf, type StoredForm, storedForm } from '../stored-form/index.js'
import { createAsSaved, quietly } from './create-resource.js'
import { type Difference, differenceFrom, givePartitions } from './same-definition.js'
import { keepRegistries } from './schema-registries.js'

/** How the records of one resource of a backup get into the target. */
export interface PreparedResource {
  /** Its name at the target. */
  readonly name: string
  /** The version that records without a raw form are written with. */
  readonly version: string
  /** The form in which the backup has the records. */
  readonly form: StoredForm
  /** The target's own form, where it differs in nothing but its map. */
  readonly targetForm: StoredForm | undefined
  /** The target's resource; none in a dry run that would have to make it. */
  readonly resource: Resource | undefined
}

type Preparation = Omit<PreparedResource, 'resource'> & {
  readonly source: string
  readonly definition: Definition
  /** What of it has to be made at the target. */
  readonly make: Difference
}

/**
 * Decides for every resource how it will be restored, throws `conflict` if one cannot be, and only then makes
 * those that are missing: with the version, map and history of the original, so that its raw records read.
 */
export async function prepareResources(
  database: Database,
  { resources, mode, dryRun, rename }: RestorePlan,
  call: Call,
): Promise<Map<string, PreparedResource>> {
  const names = new Map(resources.map(({ name }) => [name, nameAtTarget(name, rename)]))
  checkDistinct(names)
  const preparations = resources.map((info) =>
    understood(info.name, () => prepare(database, info, nameAtTarget(info.name, rename), mode)),
  )
  const missing = preparations.filter(({ make }) => make !== 'nothing')
  if (missing.length > 0 && !dryRun) {
    await quietly(database, async () => {
      for (const preparation of missing)
        await make(database, preparation).catch((error: unknown) => {
          throw notUnderstood(preparation.source, error)
        })
    })
    await keepRegistries(database, missing, call)
  }
  return new Map(
    preparations.map((preparation) => [
      preparation.source,
      { ...preparation, resource: resourceOf(database, preparation.name) },
    ]),
  )
}

async function make(database: Database, preparation: Preparation): Promise<void> {
  if (preparation.make === 'partitions') await givePartitions(database, preparation)
  else await createAsSaved(database, preparation)
}

/** `constructor` and the like are names as good as any; no database has them for that. */
function resourceOf({ resources }: Database, name: string): Resource | undefined {
  return Object.hasOwn(resources, name) ? resources[name] : undefined
}

function understood<T>(resource: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw notUnderstood(resource, error)
  }
}

/**
 * Types that s3db.js does not know, names that it cannot use, and definitions that are nested without end fail in
 * whatever looks at them first. What a storage says has a code, and goes on as it is.
 */
function notUnderstood(resource: string, cause: unknown): unknown {
  const told = typeof cause === 'object' && cause !== null && ('code' in cause || 'statusCode' in cause)
  if (isBackupError(cause) || (told && !(cause instanceof RangeError))) return cause
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

/** What a resource of the backup is called at the target. */
export function nameAtTarget(name: string, rename: Readonly<Record<string, string>>): string {
  return Object.hasOwn(rename, name) ? (rename[name] ?? name) : name
}

function checkDistinct(names: ReadonlyMap<string, string>): void {
  const targets = [...names.values()]
  const twice = targets.find((name, index) => targets.indexOf(name) !== index)
  if (twice === undefined) return
  throw new BackupError('invalid_options', `Two resources would be restored as "${twice}"`, {
    operation: 'restore',
    metadata: { resource: twice },
  })
}

function prepare(database: Database, info: ResourceInfo, name: string, mode: RestoreMode): Preparation {
  checkName(info.name)
  checkName(name)
  const definition = parseDefinition(info)
  const form = storedForm(definition.form)
  const base = { source: info.name, name, version: definition.version, form, definition }
  const existing = resourceOf(database, name)
  if (existing === undefined) return { ...base, targetForm: undefined, make: 'all' }
  const targetDefinition = formOf(existing)
  const sameForm = isDeepStrictEqual(plain(targetDefinition), plain(definition.form))
  if (mode === 'replace') {
    const difference = sameForm ? differenceFrom(database, { name, definition }) : 'all'
    return { ...base, targetForm: undefined, make: difference }
  }
  if (sameForm) return { ...base, targetForm: undefined, make: 'nothing' }
  const different = differingAttributes(definition, plain(existing.schema.attributes))
  if (different.length > 0 || existing.behavior !== definition.form.behavior) throw differs(name, different)
  return { ...base, targetForm: storedForm(targetDefinition), make: 'nothing' }
}

/** Names become parts of keys; one that holds a separator would lead elsewhere. */
function checkName(name: string): void {
  if (!/[/\\\p{Cc}]/u.test(name) && name !== '' && name !== '.' && name !== '..') return
  throw new BackupError(
    'corrupt',
    `The backup has a resource with the impossible name ${JSON.stringify(name)}`,
    { operation: 'restore' },
  )
}

function differs(name: string, attributes: readonly string[]): BackupError {
  const what = attributes.length > 0 ? `its attributes ${attributes.join(', ')}` : 'its behavior'
  return new BackupError(
    'conflict',
    `The target has a resource "${name}" already, and ${what} differ from the backup's`,
    {
      operation: 'restore',
      suggestion:
        'Restore with mode "replace" to take the definition of the backup, or into another database.',
      metadata: { resource: name, attributes },
    },
  )
}
