/**
 * A problem of a storage that the user should know, although the work continues. Drivers with such warnings take an
 * option `onWarning` and call it once for each, however often it occurs.
 */
export interface StorageWarning {
  /** A stable name, to match on. */
  readonly code: StorageWarningCode
  /** The name of the driver that warns. */
  readonly driver: string
  /** The problem, and what the driver does about it. */
  readonly message: string
  /** Advice. */
  readonly suggestion: string
  /** Facts for logs: hosts, paths. Never a secret. */
  readonly metadata: Readonly<Record<string, unknown>>
}

/**
 * What drivers of this project warn of; others may have codes of their own.
 *
 * - `checksums_refused`: the server takes no checksum headers; uploads go on without.
 * - `conditions_refused`: the server takes no conditional writes; the driver looks before it writes.
 * - `links_refused`: the file system has no hard links; a file gets its name by a rename.
 * - `sync_refused`: the file system does not say when bytes or names are on the disk.
 * - `permissions_refused`: the file system keeps no permissions.
 * - `destination_missed`: one of several destinations does not have the backup, or could not be listed.
 * - `cleanup_failed`: the backup was made; old ones could not be removed after it.
 * - `partition_unusable`: s3db.js will refuse to open a partition of the database again; records are not affected.
 * - `snapshot_not_taken`: the bucket keeps versions, but the records are not of one moment.
 * - `passed_by`: something that is not the driver's was in the way of a listing, and was left out.
 */
export type StorageWarningCode =
  | 'checksums_refused'
  | 'conditions_refused'
  | 'links_refused'
  | 'sync_refused'
  | 'permissions_refused'
  | 'passed_by'
  | 'destination_missed'
  | 'cleanup_failed'
  | 'partition_unusable'
  | 'snapshot_not_taken'
  | (string & {})

/** Called synchronously. If it throws, the call that warned fails. */
export type OnWarning = (warning: StorageWarning) => void
