import { directoryOf } from '@s3db-backup/core/internal'
import type { Replica } from '../multi-driver.js'
import { type ReplicaState, replicaState } from './replica-state.js'

/** How many backups are remembered. A backup that is being written is never the oldest of these. */
const remembered = 256

interface Entry {
  record: readonly ReplicaState[]
  state: 'begun' | 'given up' | 'finished'
}

/** What became of each backup that this process stored. A backup is known by its directory. */
export interface BackupStates {
  /** The record of something that is only now begun. Not remembered. */
  blank(): readonly ReplicaState[]
  /** Remembers the record of a backup that was begun, in the place of an earlier attempt's. */
  begin(directory: string, record: readonly ReplicaState[]): void
  /** Whether this process started a backup there that has no manifest, running or abandoned. */
  isBegun(directory: string): boolean
  /** The record of a running backup: started, not abandoned, and without a manifest yet. */
  unfinished(directory: string): readonly ReplicaState[] | undefined
  /** From now on the backup exists: nothing that fails beside it touches what it has. */
  finish(directory: string): void
  /** The record of a backup, finished or not; none if it is not remembered. */
  look(directory: string): readonly ReplicaState[]
  /** Drops an object that was removed everywhere from the record. With the last one the backup is abandoned or gone. */
  forget(key: string): void
}

export function backupStates(replicas: readonly Replica[]): BackupStates {
  const entries = new Map<string, Entry>()
  const remember = (directory: string, entry: Entry) => {
    entries.delete(directory)
    entries.set(directory, entry)
    const [oldest] = entries.keys()
    if (entries.size > remembered && oldest !== undefined) entries.delete(oldest)
  }
  return {
    blank: () => replicas.map(replicaState),
    begin: (directory, record) => remember(directory, { record, state: 'begun' }),
    isBegun: (directory) => (entries.get(directory)?.state ?? 'finished') !== 'finished',
    unfinished(directory) {
      const entry = entries.get(directory)
      if (entry?.state !== 'begun') return undefined
      remember(directory, entry)
      return entry.record
    },
    finish(directory) {
      const entry = entries.get(directory)
      if (entry !== undefined) entry.state = 'finished'
    },
    look: (directory) => entries.get(directory)?.record ?? [],
    forget(key) {
      const directory = directoryOf(key)
      const entry = entries.get(directory)
      if (entry === undefined) return
      for (const one of entry.record) one.forget(key)
      if (!entry.record.every((one) => one.holdsNothing())) return
      if (entry.state === 'finished') entries.delete(directory)
      else Object.assign(entry, { record: [], state: 'given up' } satisfies Entry)
    },
  }
}
