import type { BackupResult, Driver, StorageWarning } from '@s3db-backup/core'
import type { DestinationCapabilities, ManifestCache } from '@s3db-backup/core/internal'

/**
 * Where a plugin's backups go: a driver, how to speak of places in it, and what else it can do there. Left without `doctor`,
 * a small object is written, read, listed and deleted. Made by the code that assembles drivers.
 */
export interface Destination extends DestinationCapabilities {
  readonly driver: Driver
  /** The documented name of the driver: `filesystem`, `s3`, `multi`. */
  readonly type: string
  /** The folder template below the driver's root. */
  readonly folder: string
  /**
   * Tells this place from every other that this machine can reach: manifests are remembered under it. Left out, or
   * `undefined`, if it is unknown.
   */
  identity?(): string | undefined
  /** Manifests that were read before, for what only shows them. */
  readonly manifests?: ManifestCache | undefined
  /** A key as a place that people can go to: a path, an `s3://` address. */
  locate(key: string): string
  /** What results show as `driverInfo` of a backup in a directory. */
  describe(directory: string): unknown
  /**
   * Makes one backup by calling `attempt` with the driver to make it through; again with another driver if the
   * first fails and there is one to fall over to. Left out, `attempt` is called once, with `driver`.
   */
  carry?(attempt: (driver: Driver) => Promise<BackupResult>, signal: AbortSignal): Promise<BackupResult>
  /** Warnings about a backup that was just made: destinations that do not have it. Left out, or none: no warning. */
  missed?(directory: string): readonly StorageWarning[]
  /** The driver to remove old backups through, where that must see every replica. `driver` if left out. */
  readonly pruneDriver?: Driver | undefined
}
