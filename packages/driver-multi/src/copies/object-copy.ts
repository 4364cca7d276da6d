import { BackupError, type GetCall, type PutCall } from '@s3db-backup/core'
import type { Replica } from '../multi-driver.js'

/** A small object whole. */
export function readObject({ driver }: Replica, key: string, call: GetCall): Promise<Buffer> {
  return collect(driver.get(key, call))
}

/** A small body in one piece. */
export async function collect(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/**
 * Stores a small object and reads it back. If that does not give the expected bytes, it is taken away again and the
 * call rejects with `corrupt`.
 */
export async function storeCompared(
  to: Replica,
  key: string,
  bytes: Buffer,
  expected: Buffer,
  call: PutCall,
): Promise<void> {
  await to.driver.put(key, once(bytes), call)
  if ((await readObject(to, key, call)).equals(expected)) return
  await to.driver.delete(key, call)
  throw new BackupError(
    'corrupt',
    `${key} was stored incorrectly at ${to.name}: the bytes read back differ`,
    {
      operation: 'upload',
      driver: to.driver.name,
      metadata: { key, replica: to.name },
    },
  )
}

/** One item as a stream. */
export async function* once<T>(item: T): AsyncGenerator<T> {
  yield item
}
