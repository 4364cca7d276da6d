import type { JsonValue } from '@s3db-backup/core'
import { contentHash } from '@s3db-backup/core/internal'
import type { Database } from './client/database.js'

/** The database as a manifest names it. */
export function describeDatabase({ client, bucket }: Database): Record<string, JsonValue> {
  const { config } = client
  return {
    bucket: bucket ?? config.bucket ?? '',
    region: config.region ?? '',
    ...(config.keyPrefix === undefined || config.keyPrefix === '' ? {} : { prefix: config.keyPrefix }),
  }
}

/** The place of the database, hashed: a path or a server's name is not for everybody who sees a backup. */
export function identityOf({ client }: Database): string {
  const { endpoint = '', bucket = '', keyPrefix = '' } = client.config
  return contentHash(JSON.stringify([endpoint, bucket, keyPrefix]))
}
