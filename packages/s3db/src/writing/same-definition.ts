import { isDeepStrictEqual } from 'node:util'
import type { Database, SavedResource } from '../client/database.js'
import { type Definition, incidentalSettings, plain } from '../definition.js'

/** What must be changed in a resource's definition so that it equals the backup's. */
export type Difference = 'nothing' | 'partitions' | 'all'

interface Named {
  readonly name: string
  readonly definition: Definition
}

/** How the target's definition of a resource, whose records are stored in the same form, differs from the backup's. */
export function differenceFrom(database: Database, { name, definition }: Named): Difference {
  const saved = database.savedMetadata?.resources[name]
  const { entry } = definition
  const same = (one: unknown, other: unknown) => isDeepStrictEqual(plain(one), plain(other))
  if (saved?.currentVersion !== entry.currentVersion || !same(settingsOf(saved), settingsOf(entry)))
    return 'all'
  const partitions = database.resources[name]?.config.partitions ?? {}
  const alike = same(partitions, entry.partitions ?? {}) && same(earlierOf(saved), earlierOf(entry))
  return alike ? 'nothing' : 'partitions'
}

/** Compared by themselves or made by s3db.js. */
const notCompared = [...incidentalSettings, 'hash', 'partitions']

/** Settings of the current version that say how its records are stored. */
function settingsOf(entry: SavedResource | undefined): object {
  const current = entry?.versions?.[entry.currentVersion ?? ''] ?? {}
  return Object.fromEntries(Object.entries(current).filter(([name]) => !notCompared.includes(name)))
}

function earlierOf(entry: SavedResource | undefined): object {
  const versions = Object.entries(entry?.versions ?? {})
  return Object.fromEntries(versions.filter(([version]) => version !== entry?.currentVersion))
}

/**
 * Gives a resource the backup's partitions and history. It stays the same object, with the hooks and listeners that
 * the application gave it.
 */
export async function givePartitions(database: Database, { name, definition }: Named): Promise<void> {
  const resource = database.resources[name]
  if (resource === undefined) return
  const had = Object.keys(resource.config.partitions ?? {}).length
  Object.assign(resource.config, { partitions: structuredClone(definition.entry.partitions ?? {}) })
  // s3db.js updates references on later changes with a hook, which it sets only if the resource starts with
  // partitions.
  if (had === 0) resource.setupPartitionHooks?.()
  if (database.savedMetadata !== null)
    database.savedMetadata.resources[name] = structuredClone(definition.entry)
  await database.uploadMetadataFile()
}
