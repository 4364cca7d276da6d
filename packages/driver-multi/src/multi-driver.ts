import type { BackupError, Driver } from '@s3db-backup/core'

/**
 * What makes a backup a success. `all`: every destination stored it. `any`: at least one did. `priority`: the
 * first in order that carries it whole; see `backupTo`.
 */
export type Strategy = 'all' | 'any' | 'priority'

/** One of the destinations, under a name that no other has. */
export interface Replica {
  readonly name: string
  /** The given driver, behind core's guard. */
  readonly driver: Driver
}

/** What became of one backup at one destination. */
export interface DestinationReport {
  /** The replica's name. */
  readonly name: string
  /** The name of its driver. */
  readonly driver: string
  /** `stopped`: the replica is fine; it was stopped because another one failed. */
  readonly status: 'success' | 'failed' | 'stopped'
  /** Why it failed. */
  readonly error?: BackupError | undefined
  /** Stored bytes that it holds of the backup. */
  readonly bytes: number
  /** Objects that it holds of the backup. */
  readonly files: number
  /** Keys that could not be removed. Without a manifest they are not a backup. */
  readonly leftovers?: readonly string[] | undefined
}

/** A skipped problem: a replica that could not be listed while another one could. */
export interface Warning {
  readonly replica: string
  readonly operation: 'list'
  readonly error: BackupError
}

/** Several drivers as one. */
export interface MultiDriver extends Driver {
  readonly name: 'multi'
  readonly strategy: Strategy
  readonly replicas: readonly Replica[]
  /** Replicas worked on side by side, except in uploads, which feed all of them at once. */
  readonly concurrency: number
  /**
   * What became of a backup that this driver stored, by its directory, one report per replica that took part.
   * Empty for one that it does not remember: the last 256 are kept.
   */
  destinations(directory: string): readonly DestinationReport[]
}
