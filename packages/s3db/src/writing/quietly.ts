import type { Database, Resource } from '../client/database.js'

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
    await database.uploadMetadataFile()
    return result
  } finally {
    database.deferMetadataWrites = deferred
    if (ownEmit === undefined) Reflect.deleteProperty(database, 'emit')
    else Object.defineProperty(database, 'emit', ownEmit)
  }
}

/** Creates a resource without the hooks that `createResource` runs for other plugins, where they can be avoided. */
export function createUnheard(
  database: Database,
  definition: Readonly<Record<string, unknown>>,
): Promise<Resource> {
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
