import { isDeepStrictEqual } from 'node:util'
import { BackupError, type ResourceInfo, type RestoreMode } from '@s3db-backup/core'
import type { Database, Resource } from './database.js'
import { type Definition, parseDefinition } from './definition.js'
import { createUnheard, quietly } from './quietly.js'
import { formOf, type StoredForm, storedForm } from './stored-form/index.js'

/** How the records of one resource of a backup get into the target. */
export interface PreparedResource {
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
  readonly definition: Definition
  readonly create: boolean
}

/**
 * Decides for every resource how it will be restored, throws `conflict` if one cannot be, and only then makes
 * those that are missing: with the version, map and history of the original, so that its raw records read.
 */
export async function prepareResources(
  database: Database,
  infos: readonly ResourceInfo[],
  mode: RestoreMode,
  dryRun: boolean,
): Promise<Map<string, PreparedResource>> {
  const preparations = infos.map((info) => prepare(database, info, mode))
  const missing = preparations.filter(({ create }) => create)
  if (missing.length > 0 && !dryRun) {
    await quietly(database, async () => {
      for (const preparation of missing) await create(database, preparation)
    })
  }
  return new Map(
    preparations.map((preparation) => [
      preparation.name,
      { ...preparation, resource: database.resources[preparation.name] },
    ]),
  )
}

function prepare(database: Database, info: ResourceInfo, mode: RestoreMode): Preparation {
  checkName(info.name)
  const definition = parseDefinition(info)
  const form = storedForm(definition.form)
  const base = { name: info.name, version: definition.version, form, definition }
  const existing = database.resources[info.name]
  if (existing === undefined) return { ...base, targetForm: undefined, create: true }
  const targetDefinition = formOf(existing)
  if (isDeepStrictEqual(plain(targetDefinition), plain(definition.form)))
    return { ...base, targetForm: undefined, create: false }
  if (mode === 'replace') return { ...base, targetForm: undefined, create: true }
  const different = differingAttributes(definition, plain(existing.schema.attributes))
  if (different.length > 0 || existing.behavior !== definition.form.behavior)
    throw differs(info.name, different)
  return { ...base, targetForm: storedForm(targetDefinition), create: false }
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

/** Attributes of the backup that the target's resource has not, or has otherwise. */
function differingAttributes(definition: Definition, target: unknown): string[] {
  const there = new Map(typeof target === 'object' && target !== null ? Object.entries(target) : [])
  return Object.entries(definition.form.attributes)
    .filter(([name, type]) => !isDeepStrictEqual(plain(there.get(name)), type))
    .map(([name]) => name)
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

function plain(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value))
}

async function create(database: Database, { name, version, definition }: Preparation): Promise<void> {
  const { entry, form } = definition
  const { hash, hooks, cache, createdAt, idGenerator, ...saved } =
    entry.versions?.[entry.currentVersion ?? version] ?? {}
  // Known as saved before it is made: s3db.js then keeps the version and its history instead of beginning anew.
  if (database.savedMetadata !== null) database.savedMetadata.resources[name] = structuredClone(entry)
  delete database.resources[name]
  await createUnheard(database, {
    ...saved,
    name,
    version,
    attributes: saved.attributes ?? form.attributes,
    behavior: form.behavior,
    map: form.map,
    partitions: entry.partitions ?? {},
    createdBy: entry.createdBy,
    ...(idGenerator === 'incremental' ? { idGenerator } : {}),
  })
}
