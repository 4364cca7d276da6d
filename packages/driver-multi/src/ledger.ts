import { directoryOf } from '@s3db-backup/core'
import type { Replica } from './multi-driver.js'
import { type Standing, standing } from './standing.js'

/** How many backups are remembered. One that is being written is never the oldest of so many. */
const remembered = 256

interface Entry {
  readonly record: readonly Standing[]
  finished: boolean
}

/** What became of each backup that this process stored. A backup is known by its directory. */
export interface Ledger {
  /** The record of something that is only now begun. Not remembered. */
  blank(): readonly Standing[]
  /** Remembers the record of a backup that was begun, in the place of an earlier attempt's. */
  begin(directory: string, record: readonly Standing[]): void
  /** The record of a backup that was begun and has no manifest yet. */
  unfinished(directory: string): readonly Standing[] | undefined
  /** From now on the backup exists: nothing that fails beside it touches what it has. */
  finish(directory: string): void
  /** The record of a backup, finished or not; none if it is not remembered. */
  look(directory: string): readonly Standing[]
  /** Takes an object that was removed everywhere out of the record, and with the last one the record itself. */
  forget(key: string): void
}

export function ledger(replicas: readonly Replica[]): Ledger {
  const entries = new Map<string, Entry>()
  const remember = (directory: string, entry: Entry) => {
    entries.delete(directory)
    entries.set(directory, entry)
    const [oldest] = entries.keys()
    if (entries.size > remembered && oldest !== undefined) entries.delete(oldest)
  }
  return {
    blank: () => replicas.map(standing),
    begin: (directory, record) => remember(directory, { record, finished: false }),
    unfinished(directory) {
      const entry = entries.get(directory)
      if (entry === undefined || entry.finished) return undefined
      remember(directory, entry)
      return entry.record
    },
    finish(directory) {
      const entry = entries.get(directory)
      if (entry !== undefined) entry.finished = true
    },
    look: (directory) => entries.get(directory)?.record ?? [],
    forget(key) {
      const directory = directoryOf(key)
      const record = entries.get(directory)?.record ?? []
      for (const one of record) one.forget(key)
      if (record.every((one) => one.holdsNothing())) entries.delete(directory)
    },
  }
}
