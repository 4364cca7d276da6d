import { isDeepStrictEqual } from 'node:util'
import type { Call } from '@s3db-backup/core'
import * as z from 'zod'
import type { Database } from '../client/database.js'
import { readObject, writeObject } from '../client/objects.js'
import type { Definition } from '../definition.js'
import { definitionsKey, parseDefinitions } from '../definitions-file.js'

const registries = z.looseObject({
  schemaRegistry: z.unknown().optional(),
  pluginSchemaRegistry: z.unknown().optional(),
})

const metadataFile = z.looseObject({ resources: z.record(z.string(), registries) })

/**
 * Gives resources that were made the registries of the backup: they say under which keys a record's attributes lie.
 * Where several may write, s3db.js keeps what s3db.json said before, and records of the backup would read
 * otherwise once the database is opened again.
 */
export async function keepRegistries(
  database: Database,
  made: readonly { readonly name: string; readonly definition: Definition }[],
  call: Call,
): Promise<void> {
  const { client, savedMetadata } = database
  const stored = await readObject(client, definitionsKey, call)
  if (stored === undefined) return
  const file = parseDefinitions(stored.body, metadataFile, 'restore')
  const others = made.flatMap(({ name, definition }) => {
    const { schemaRegistry, pluginSchemaRegistry } = registries.parse(definition.entry)
    const wanted = { schemaRegistry, pluginSchemaRegistry }
    const found = file.resources[name]
    if (schemaRegistry === undefined || found === undefined) return []
    const there = { schemaRegistry: found.schemaRegistry, pluginSchemaRegistry: found.pluginSchemaRegistry }
    return isDeepStrictEqual(there, wanted) ? [] : [{ name, found, wanted }]
  })
  if (others.length === 0) return
  for (const { name, found, wanted } of others) {
    file.resources[name] = { ...found, ...wanted }
    if (savedMetadata !== null) Object.assign(savedMetadata.resources[name] ?? {}, wanted)
  }
  await writeObject(client, definitionsKey, { ...stored, body: Buffer.from(JSON.stringify(file)) }, call)
}
