import type { Codec, Driver } from '@s3db-backup/core'

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
}

/** How backups are encoded, and with what they are read. */
export interface Encoding {
  readonly codecs: readonly Codec[]
  readonly readers: readonly Codec[]
}
