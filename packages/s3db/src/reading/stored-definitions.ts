import { BackupError, type Call } from '@s3db-backup/core'
import * as z from 'zod'
import type { Database, SavedResource } from '../client/database.js'
import { readObject } from '../client/objects.js'
import { listObjects } from '../listing/listing.js'

/** Where s3db.js keeps the definitions of a database. */
const definitionsKey = 's3db.json'

const savedResource: z.ZodType<SavedResource> = z.looseObject({
  currentVersion: z.string().optional(),
  partitions: z.record(z.string(), z.unknown()).optional(),
  createdBy: z.string().optional(),
  versions: z.record(z.string(), z.record(z.string(), z.unknown())).optional(),
})

const definitionsFile = z.looseObject({ resources: z.record(z.string(), savedResource) })

/**
 * What the storage itself says of the database's resources at this moment, by name. What a connected database
 * remembers is from when it connected: other processes may have changed it since.
 *
 * Throws `unavailable` if there is no `s3db.json`, and `corrupt` if it cannot be understood.
 */
export async function storedDefinitions(
  { client }: Database,
  call: Call,
): Promise<ReadonlyMap<string, SavedResource>> {
  const object = await readObject(client, definitionsKey, call)
  if (object === undefined) {
    // Where the whole storage is not there, the listing says so.
    for await (const _ of listObjects(client, definitionsKey, call)) break
    throw missing()
  }
  return new Map(Object.entries(parse(object.body).resources))
}

function parse(body: Uint8Array): z.output<typeof definitionsFile> {
  try {
    return definitionsFile.parse(JSON.parse(Buffer.from(body).toString('utf8')))
  } catch (cause) {
    throw new BackupError(
      'corrupt',
      `The database's definitions, ${definitionsKey}, cannot be read: they are not what s3db.js writes`,
      {
        operation: 'backup',
        suggestion: `Mend ${definitionsKey}, or bring it back from an earlier backup. Without it no other process can open the database.`,
        metadata: { key: definitionsKey },
        cause,
      },
    )
  }
}

function missing(): BackupError {
  return new BackupError(
    'unavailable',
    `The database's definitions, ${definitionsKey}, are not there any more`,
    {
      operation: 'backup',
      suggestion: `Look who removed ${definitionsKey}. A process that is still connected writes it again when it creates a resource.`,
      metadata: { key: definitionsKey },
    },
  )
}
