import { isDeepStrictEqual } from 'node:util'
import { type Call, isBackupError } from '@s3db-backup/core'
import type { Database, Resource, SavedResource } from '../client/database.js'
import { type DefinedResource, definedResource, incidentalSettings, plain } from '../definition.js'
import { isAsStored } from './as-stored.js'
import { cannotOpen, openDefinitions } from './open-definitions.js'
import { storedDefinitions } from './stored-definitions.js'

/** The resources of a database at one moment, by name. */
export type Definitions = ReadonlyMap<string, DefinedResource>

/**
 * The current resources of the storage. If the connected database has a resource with the same entry of `s3db.json`, and
 * has it as the entry says, its own is used; the others, which another process has created or changed, or which are not
 * written yet, are opened again. A resource that only the connected database has is included, too: it may not be written
 * yet, and on `file://` another process that knows nothing of it overwrites its entry, while its records stay.
 */
export async function currentDefinitions(database: Database, call: Call): Promise<Definitions> {
  const stored = await storedDefinitions(database, call)
  const live = ownResources(database)
  const foreign: Record<string, SavedResource> = {}
  for (const [name, entry] of stored) {
    const own = live.get(name)
    if (isAlias(database, name)) continue
    if (own !== undefined && isKnown(database, name, entry) && isAsStored(own, entry)) continue
    foreign[name] = entry
  }
  const opened = await openEach(database, foreign, live)
  const found = new Map<string, DefinedResource>()
  for (const [name, resource] of live) {
    if (opened.has(name)) continue
    const entry = stored.get(name) ?? database.savedMetadata?.resources[name] ?? {}
    found.set(name, definedResource(resource, entry, resource.version))
  }
  for (const [name, resource] of opened) {
    const entry = foreign[name] ?? {}
    found.set(name, definedResource(resource, entry, entry.currentVersion ?? 'v1'))
  }
  return found
}

/** The connected database's resources by their own names. Plugins give some a second name (s3db.js's queue does). */
export function ownResources({ resources }: Database): ReadonlyMap<string, Resource> {
  const named = new Map<string, Resource>()
  for (const [key, resource] of Object.entries(resources))
    if (key === resource.name || !named.has(resource.name)) named.set(resource.name, resource)
  return named
}

/** Whether the name is a second one of a resource; s3db.js writes an entry for such names, too. */
export function isAlias({ resources }: Database, name: string): boolean {
  return Object.hasOwn(resources, name) && resources[name]?.name !== name
}

/** Whether the connected database knows the entry, apart from what says nothing of how records are stored. */
export function isKnown({ savedMetadata }: Database, name: string, entry: SavedResource): boolean {
  const remembered = savedMetadata?.resources[name]
  return remembered !== undefined && isDeepStrictEqual(essence(remembered), essence(entry))
}

function essence(entry: SavedResource): unknown {
  const { currentVersion = 'v1', partitions = {}, versions = {}, ...registries } = entry
  const present = Object.entries(versions[currentVersion] ?? {}).filter(
    ([name]) => !incidentalSettings.includes(name),
  )
  return plain({ currentVersion, partitions, present: Object.fromEntries(present), ...registries })
}

/**
 * One that s3db.js cannot open does not keep the others from being opened. If the connected database has it, its own
 * is as good as any; otherwise the meaning of the records is unknown.
 */
export async function openEach(
  database: Database,
  entries: Readonly<Record<string, SavedResource>>,
  live: ReadonlyMap<string, Resource>,
): Promise<ReadonlyMap<string, Resource>> {
  const names = Object.keys(entries)
  if (names.length === 0) return new Map()
  const together = await openIfPossible(database, entries)
  if (!(together instanceof Error) && names.every((name) => together.has(name))) return together
  const opened = new Map<string, Resource>()
  for (const [name, entry] of Object.entries(entries)) {
    const alone = await openIfPossible(database, { [name]: entry })
    const resource = alone instanceof Error ? undefined : alone.get(name)
    if (resource !== undefined) opened.set(name, resource)
    else if (!live.has(name)) throw alone instanceof Error ? alone : cannotOpen([name], 'it is not complete')
  }
  return opened
}

async function openIfPossible(database: Database, entries: Readonly<Record<string, SavedResource>>) {
  try {
    return await openDefinitions(database, entries)
  } catch (error) {
    if (isBackupError(error, 'unsupported')) return error
    throw error
  }
}
