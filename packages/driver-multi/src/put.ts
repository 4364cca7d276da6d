import { type Call, directoryOf, isOfNoBackup } from '@s3db-backup/core'
import { claim } from './claim.js'
import type { Ledger } from './ledger.js'
import type { Replica, Strategy } from './multi-driver.js'
import { putBeside } from './put-beside.js'
import { store } from './store.js'

/** Where an object may go, and what is known of the backups before it. */
export interface Putting {
  readonly replicas: readonly Replica[]
  readonly strategy: Strategy
  readonly ledger: Ledger
}

/**
 * Stores an object by what it is. The note of a start claims a directory, and until the manifest is stored all that
 * goes into it is one backup: a replica that misses a part of it loses the rest. Everything else is an object by
 * itself: that it cannot be stored is no reason to take anything else away.
 */
export async function put(
  { replicas, strategy, ledger }: Putting,
  key: string,
  body: AsyncIterable<Uint8Array>,
  call: Call,
): Promise<{ bytes: number }> {
  const directory = directoryOf(key)
  const alone = () => store(key, body, call, strategy, ledger.blank())
  if (directory === '' || isOfNoBackup(key)) return alone()
  const file = key.slice(directory.length + 1)
  if (file === 'started.json') {
    const record = ledger.blank()
    const claimed = await claim(key, body, call, strategy, record)
    ledger.begin(directory, record)
    return claimed
  }
  // Whoever failed cannot take the note of it; the others can.
  if (file === 'failed.json') return store(key, body, call, 'any', ledger.blank())
  const record = ledger.unfinished(directory)
  if (record === undefined) return putBeside(replicas, key, body, call, alone)
  const stored = await store(key, body, call, strategy, record)
  if (file === 's3db.json') ledger.finish(directory)
  return stored
}
