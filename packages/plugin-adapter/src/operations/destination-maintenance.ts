import { BackupError } from '@s3db-backup/core'
import {
  type CopiedBackup,
  catalogOf,
  type Finding,
  type HealedFile,
  inventory,
  type ReplicaPresence,
  type Replicas,
  type ReplicasReport,
  type ThawCall,
  type ThawReport,
} from '@s3db-backup/core/internal'
import type { Storage } from '../context/plugin-context.js'
import type { Destination } from '../options/destination.js'
import { encrypting } from '../options/encryption.js'
import { probeDriver } from './probe-destination.js'
import type { VerifyCall } from './verify-backup.js'

/* What can be done for a destination and the backups there, without a database. */

/** Options of a call that needs nothing else. */
export interface TendCall {
  readonly signal?: AbortSignal | undefined
}

/** `plugin.destination.check()`: the driver's own examination where it has one, else one with a small object. */
export async function examine(
  destination: Destination,
  { signal = never }: TendCall,
): Promise<readonly Finding[]> {
  return destination.doctor?.({ signal }) ?? probeDriver(destination.driver, { signal })
}

/** `plugin.destination.thaw(id)`: every object of the backup and of those that it builds on. */
export async function thawBackup(
  destination: Destination,
  backupId: string,
  { signal = never, ...options }: ThawCall,
): Promise<ThawReport> {
  const { driver, type } = destination
  const here = await inventory(driver, { signal })
  const chain = await catalogOf(here).chain(backupId, { signal })
  if (destination.thaw === undefined) {
    throw new BackupError('unsupported', `Backups of the driver ${type} are never archived`, {
      driver: type,
      suggestion: 'Leave out the thaw.',
    })
  }
  const needed = new Set(chain.map(({ directory }) => directory))
  const keys = here.directories
    .filter(({ directory }) => needed.has(directory))
    .flatMap(({ objects }) => objects.map(({ key }) => key))
  return destination.thaw(keys, { ...options, signal })
}

/** `plugin.replicas.sync()`: copies to each destination what it lacks. */
export async function syncReplicas(
  destination: Destination,
  { id, signal = never }: TendCall & { readonly id?: string | undefined },
): Promise<{ readonly copied: readonly CopiedBackup[] }> {
  return replicasOf(destination).sync({ id, signal })
}

/** `plugin.replicas.repair(id)`: heals a backup's damaged files at one destination from another. */
export async function repairReplicas(
  destination: Destination,
  id: string,
  { signal = never }: TendCall,
): Promise<{ readonly healed: readonly HealedFile[] }> {
  return replicasOf(destination).repair({ id, signal })
}

/** `plugin.replicas.verify(id)`. */
export async function verifyEverywhere(
  storage: Storage,
  id: string,
  { level, allowPlain = false, signal = never }: Omit<VerifyCall, 'onEvent'>,
): Promise<ReplicasReport> {
  return replicasOf(storage.destination).verify({ id, level, allowPlain, signal, ...encrypting(storage) })
}

/** `plugin.replicas.presence()`. */
export async function presenceEverywhere(
  destination: Destination,
  { signal = never }: TendCall,
): Promise<readonly ReplicaPresence[]> {
  return replicasOf(destination).presence({ signal })
}

const never = new AbortController().signal

function replicasOf({ replicas, type }: Destination): Replicas {
  if (replicas !== undefined) return replicas
  throw new BackupError('unsupported', 'There is only one destination', {
    driver: type,
    suggestion: 'This is for the driver multi, which keeps each backup at several destinations.',
  })
}
