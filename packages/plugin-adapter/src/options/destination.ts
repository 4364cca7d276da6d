import type { BackupResult, Call, Driver } from '@s3db-backup/core'
import type { Finding, Replicas, ThawCall, ThawReport } from './capabilities.js'

/** Where a plugin's backups go: a driver and how to speak of places in it. Made by whoever assembles drivers. */
export interface Destination {
  readonly driver: Driver
  /** The documented name of the driver: `filesystem`, `s3`, `multi`. */
  readonly type: string
  /** The folder template below the driver's root. */
  readonly folder: string
  /** A key as a place that people can go to: a path, an `s3://` address. */
  locate(key: string): string
  /** What results show as `driverInfo` of a backup in a directory. */
  describe(directory: string): unknown
  /**
   * Makes one backup by calling `attempt` with the driver to make it through; again with another driver if the
   * first fails and there is one to fall over to. Left out, `attempt` is called once, with `driver`.
   */
  carry?(attempt: (driver: Driver) => Promise<BackupResult>, signal: AbortSignal): Promise<BackupResult>
  /** The driver to remove old backups through, where that must see every replica. `driver` if left out. */
  readonly pruneDriver?: Driver
  /** Tries there whatever backups need. Left out, a small object is written, read, listed and deleted. */
  doctor?(call: Call): Promise<readonly Finding[]>
  /** Makes archived objects readable, and waits until they are. Left out where nothing is ever archived. */
  thaw?(keys: readonly string[], options: ThawCall & Call): Promise<ThawReport>
  /** Where each backup lies at several places. */
  readonly replicas?: Replicas
}
