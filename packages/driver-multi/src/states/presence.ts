import type { BackupError, Call } from '@s3db-backup/core'
import { inventory, ordered } from '@s3db-backup/core/internal'
import { storageFailure } from '../failure.js'
import type { MultiDriver, Replica } from '../multi-driver.js'

/** The backups whose manifest is at one replica. */
export interface Presence {
  readonly name: string
  readonly ids: readonly string[]
  /** Why it could not be asked: then nothing is known of what it has. */
  readonly error?: BackupError | undefined
}

/** Which backups each replica has, by its listing: whether they are whole there is for `verifyReplicas` to say. */
export async function presence({
  multi: { replicas, concurrency },
  signal,
}: Call & { readonly multi: MultiDriver }): Promise<Presence[]> {
  const found: Presence[] = []
  for await (const one of ordered(replicas, concurrency, (replica) => ask(replica, { signal })))
    found.push(one)
  return found
}

async function ask({ name, driver }: Replica, { signal }: Call): Promise<Presence> {
  try {
    const { directories } = await inventory(driver, { signal })
    const ids = directories.flatMap(({ id, holding }) => (holding === 'backup' ? [id] : []))
    return { name, ids: [...new Set(ids)] }
  } catch (error) {
    return { name, ids: [], error: storageFailure(error, signal) }
  }
}
