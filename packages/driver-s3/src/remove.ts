import { DeleteObjectCommand } from '@aws-sdk/client-s3'
import type { Call } from '@s3db-backup/core'
import type { Connection } from './connection/connection.js'

/** S3 answers the same whether there was an object or not. */
export async function removeObject(connection: Connection, key: string, { signal }: Call): Promise<void> {
  const command = new DeleteObjectCommand({ Bucket: connection.options.bucket, Key: connection.fullKey(key) })
  await connection.send(command, signal)
}
