import type { Replica } from './multi-driver.js'
import { type Standing, standing } from './standing.js'

/** How many backups are remembered. One that is being written is never the oldest of so many. */
const remembered = 256

/** What became of each backup that this process stored. A backup is known by its directory. */
export interface Ledger {
  /** The record of a backup, begun if there is none. */
  open(directory: string): readonly Standing[]
  /** The record of a backup; none if it is not remembered. */
  look(directory: string): readonly Standing[]
  /** Takes an object that was removed everywhere out of the record, and with the last one the record itself. */
  forget(key: string): void
}

export function ledger(replicas: readonly Replica[]): Ledger {
  const records = new Map<string, readonly Standing[]>()
  return {
    open(directory) {
      const record = records.get(directory) ?? replicas.map(standing)
      records.delete(directory)
      records.set(directory, record)
      const [oldest] = records.keys()
      if (records.size > remembered && oldest !== undefined) records.delete(oldest)
      return record
    },
    look: (directory) => records.get(directory) ?? [],
    forget(key) {
      const directory = directoryOf(key)
      const record = records.get(directory) ?? []
      for (const one of record) one.forget(key)
      if (record.every((one) => one.holdsNothing())) records.delete(directory)
    },
  }
}

/**
 * The backup that an object belongs to: the key without its last segment. Reports belong to none, so that one which
 * cannot be stored takes no other with it.
 */
export function directoryOf(key: string): string {
  return key.startsWith('reports/') ? key : key.slice(0, Math.max(0, key.lastIndexOf('/')))
}
