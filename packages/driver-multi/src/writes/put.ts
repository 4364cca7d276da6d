import type { PutCall } from '@s3db-backup/core'
import { directoryOf } from '@s3db-backup/core/internal'
import type { Replica, Strategy } from '../multi-driver.js'
import type { BackupStates } from '../states/backup-states.js'
import { claim } from './claim.js'
import { putBeside } from './put-beside.js'
import { store } from './store.js'

/** Where an object may go, and what is known of the backups before it. */
export interface Putting {
  readonly replicas: readonly Replica[]
  readonly strategy: Strategy
  readonly ledger: BackupStates
}

/**
 * Stores an object according to its kind. The first object of a backup claims its directory, and until the manifest is
 * stored everything in it is one backup: a replica that misses a part of it loses the rest. Any other object stands
 * alone: if it cannot be stored, nothing else is removed.
 */
export async function put(
  { replicas, strategy, ledger }: Putting,
  key: string,
  body: AsyncIterable<Uint8Array>,
  call: PutCall,
): Promise<{ bytes: number }> {
  const directory = directoryOf(key)
  const alone = () => store(key, body, call, strategy, ledger.blank())
  if (directory === '' || isOfNoBackup(call)) return alone()
  if (call.begins) {
    const record = ledger.blank()
    ledger.begin(directory, record)
    return claim(key, body, call, strategy, record)
  }
  // A note about a running backup says that it failed. A failed destination cannot take it, but the others can.
  if (call.kind === 'note' && ledger.isBegun(directory)) return store(key, body, call, 'any', ledger.blank())
  const record = ledger.unfinished(directory)
  if (record === undefined) return putBeside(replicas, key, body, call, alone)
  const stored = await store(key, body, call, strategy, record, true)
  if (call.kind === 'manifest') ledger.finish(directory)
  return stored
}

/** Leases and reports stand for themselves, although they share a directory. */
export function isOfNoBackup({ kind }: PutCall): boolean {
  return kind === 'lease' || kind === 'report'
}
