import { BackupError, type Call } from '@s3db-backup/core'
import * as z from 'zod'
import type { Database, SavedResource } from '../client/database.js'
import { readObject } from '../client/objects.js'
import { definitionsKey, parseDefinitions } from '../definitions-file.js'
import { listObjects } from '../listing/listing.js'

const savedResource: z.ZodType<SavedResource> = z.looseObject({
  currentVersion: z.string().optional(),
  partitions: z.record(z.string(), z.unknown()).optional(),
  createdBy: z.string().optional(),
  versions: z.record(z.string(), z.record(z.string(), z.unknown())).optional(),
})

export const definitionsFile = z.looseObject({ resources: z.record(z.string(), savedResource) })

/**
 * The currently stored definitions of the database's resources, by name. A connected database has those of the time
 * when it connected; other processes may have changed them since.
 *
 * Throws `unavailable` if there is no `s3db.json`, and `corrupt` if it cannot be understood.
 */
export async function storedDefinitions(
  { client }: Database,
  call: Call,
): Promise<ReadonlyMap<string, SavedResource>> {
  const object = await readObject(client, definitionsKey, call)
  if (object === undefined) {
    // If the whole storage is missing, the listing says so.
    for await (const _ of listObjects(client, definitionsKey, call)) break
    throw missing()
  }
  return new Map(Object.entries(parseDefinitions(object.body, definitionsFile, 'backup').resources))
}

function missing(): BackupError {
  return new BackupError('unavailable', `The database's definitions, ${definitionsKey}, are missing`, {
    operation: 'backup',
    suggestion: `Find out what removed ${definitionsKey}. A process that is still connected writes it again when it creates a resource.`,
    metadata: { key: definitionsKey },
  })
}
