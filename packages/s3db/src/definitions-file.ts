import { BackupError, type Operation } from '@s3db-backup/core'
import type * as z from 'zod'

/** Where s3db.js keeps the definitions of a database. */
export const definitionsKey = 's3db.json'

/** The stored definitions. Throws `corrupt` if they do not match the schema. */
export function parseDefinitions<Schema extends z.ZodType>(
  body: Uint8Array,
  schema: Schema,
  operation: Operation,
): z.output<Schema> {
  try {
    return schema.parse(JSON.parse(Buffer.from(body).toString('utf8')))
  } catch (cause) {
    throw new BackupError(
      'corrupt',
      `The database's definitions, ${definitionsKey}, cannot be read: they are not what s3db.js writes`,
      {
        operation,
        suggestion: `Repair ${definitionsKey}, or restore it from an earlier backup. Without it no other process can open the database.`,
        metadata: { key: definitionsKey },
        cause,
      },
    )
  }
}
