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
import { nameProblem } from '../resource-names.js'
import { formOf, type StoredForm, storedForm } from '../stored-form/index.js'
import { quietly } from './create-resource.js'
import { makeResource, notUnderstood } from './make-resource.js'
import { type Difference, differenceFrom } from './same-definition.js'
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
  /** The parts of its definition that were left out, in sentences. */
  readonly shortfalls: readonly string[]
}

type Preparation = Omit<PreparedResource, 'resource' | 'shortfalls'> & {
  readonly source: string
  readonly definition: Definition
  /** What must be created at the target. */
  readonly make: Difference
}

/** The resources of a restore: those that are ready for their records, and why others are not. By the backup's names. */
export interface PreparedResources {
  readonly ready: ReadonlyMap<string, PreparedResource>
  readonly refused: ReadonlyMap<string, string>
}

/**
 * Decides for every resource how it will be restored, throws `conflict` if one cannot be, and only then makes
 * those that are missing: with the version, map and history of the original, so that its raw records read. One that
 * cannot be made here does not stop the others.
 */
export async function prepareResources(
  database: Database,
  { resources, mode, dryRun, rename, joins = false }: RestorePlan,
  call: Call,
): Promise<PreparedResources> {
  const names = new Map(resources.map(({ name }) => [name, nameAtTarget(name, rename)]))
  checkDistinct(names)
  for (const name of names.keys()) checkName(name)
  for (const name of Object.values(rename)) checkNewName(name)
  const refusals = new Map<string, BackupError>()
  const preparations: Preparation[] = []
  for (const info of resources) {
    try {
      preparations.push(prepare(database, info, nameAtTarget(info.name, rename), mode))
    } catch (error) {
      refusals.set(info.name, asRefusal(notUnderstood(info.name, error)))
    }
  }
  const shortfalls = new Map<string, readonly string[]>()
  const missing = joins ? [] : preparations.filter(({ make }) => make !== 'nothing')
  // Another process has created what it could. The rest is refused and nobody writes it.
  if (joins)
    for (const { source, name } of preparations)
      if (resourceOf(database, name) === undefined) refusals.set(source, notMade(name))
  if (missing.length > 0 && !dryRun) {
    await quietly(database, async () => {
      for (const preparation of missing) {
        try {
          shortfalls.set(preparation.source, await makeResource(database, preparation))
        } catch (error) {
          refusals.set(preparation.source, asRefusal(error))
        }
      }
    })
    await keepRegistries(
      database,
      missing.filter(({ source }) => !refusals.has(source)),
      call,
    )
  }
  const [first] = refusals.values()
  if (first !== undefined && refusals.size === resources.length) throw first
  const ready = preparations
    .filter(({ source }) => !refusals.has(source))
    .map((preparation): [string, PreparedResource] => [
      preparation.source,
      {
        ...preparation,
        resource: resourceOf(database, preparation.name),
        shortfalls: shortfalls.get(preparation.source) ?? [],
      },
    ])
  return {
    ready: new Map(ready),
    refused: new Map([...refusals].map(([name, { message }]) => [name, message])),
  }
}

function notMade(name: string): BackupError {
  return new BackupError('unsupported', `the process that opened the restore has not made "${name}"`, {
    operation: 'restore',
  })
}

/** A definition that cannot be used here concerns its resource alone; anything else concerns the restore. */
function asRefusal(error: unknown): BackupError {
  if (isBackupError(error, 'unsupported')) return error
  throw error
}

/** `constructor` and the like are names as good as any; no database has them for that. */
function resourceOf({ resources }: Database, name: string): Resource | undefined {
  return Object.hasOwn(resources, name) ? resources[name] : undefined
}

/** The name of a backup's resource at the target. */
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

/** No source makes such a backup; a forger wants to write elsewhere. */
function checkName(name: string): void {
  const problem = nameProblem(name)
  if (problem === undefined) return
  throw new BackupError(
    'corrupt',
    `The backup has a resource with the impossible name ${JSON.stringify(name)}: ${problem}`,
    { operation: 'restore' },
  )
}

/** A name that somebody chooses now may not be one that looks like a way to elsewhere either. */
function checkNewName(name: string): void {
  const problem =
    nameProblem(name) ?? (name === '.' || name === '..' ? 'it stands for a folder in paths' : undefined)
  if (problem === undefined) return
  throw new BackupError(
    'invalid_options',
    `A resource cannot be restored as ${JSON.stringify(name)}: ${problem}`,
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
