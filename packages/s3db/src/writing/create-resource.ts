import type { Database, Resource } from '../client/database.js'
import type { Definition } from '../definition.js'

/**
 * Lets work change a database's definitions unheard: no event reaches the user's listeners or other plugins,
 * no hook runs, and s3db.json is written once at the end, not once per resource.
 */
export async function quietly<T>(database: Database, work: () => Promise<T>): Promise<T> {
  const deferred = database.deferMetadataWrites ?? false
  const ownEmit = Object.getOwnPropertyDescriptor(database, 'emit')
  Object.defineProperty(database, 'emit', { value: () => false, configurable: true, writable: true })
  database.deferMetadataWrites = true
  try {
    const result = await work()
    // Also cancels what s3db.js would write and announce a moment later. Older versions cannot do this.
    await (database.flushMetadata?.() ?? database.uploadMetadataFile())
    return result
  } finally {
    database.deferMetadataWrites = deferred
    if (ownEmit === undefined) Reflect.deleteProperty(database, 'emit')
    else Object.defineProperty(database, 'emit', ownEmit)
  }
}

/** Makes a resource as the backup has it: with its version, map and history, so that its raw records read. */
export async function createAsSaved(
  database: Database,
  {
    name,
    version,
    definition,
  }: { readonly name: string; readonly version: string; readonly definition: Definition },
): Promise<void> {
  const { entry, form } = definition
  const { hash, hooks, cache, createdAt, idGenerator, ...saved } =
    entry.versions?.[entry.currentVersion ?? version] ?? {}
  // Entered as saved before it is created: s3db.js then keeps the version and its history instead of starting over.
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

/** Creates a resource without the hooks that `createResource` runs for other plugins, where they can be avoided. */
function createUnheard(database: Database, definition: Readonly<Record<string, unknown>>): Promise<Resource> {
  const inner: unknown = Reflect.get(database, '_resourcesModule')
  return hasCreateResource(inner) ? inner.createResource(definition) : database.createResource(definition)
}

function hasCreateResource(value: unknown): value is Pick<Database, 'createResource'> {
  return (
    typeof value === 'object' &&
    value !== null &&
    'createResource' in value &&
    typeof value.createResource === 'function'
  )
}
