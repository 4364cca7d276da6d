import type {
  BackupError,
  BackupResult,
  Call,
  Driver,
  Encryption,
  VerifyLevel,
  VerifyReport,
} from '@s3db-backup/core'

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

/* What some destinations can do besides keeping backups. The shapes are those of the drivers that can. */

/** One thing that was found out about a destination. */
export interface Finding {
  /** What was looked at: `access`, `write`, `read`, `listing`, `delete`, and what else the driver knows to ask. */
  readonly check: string
  /** `problem`: something will not work. `note`: it works, and there is something to know. */
  readonly level: 'ok' | 'note' | 'problem'
  readonly message: string
  readonly suggestion?: string
  /** The failure behind it. */
  readonly error?: BackupError
  /** Which of several destinations. */
  readonly destination?: string
}

/** How archived objects become readable: see the storage's own price list. */
export interface ThawCall {
  readonly tier?: 'Expedited' | 'Standard' | 'Bulk' | undefined
  /** How long the thawed copies stay, in days. */
  readonly days?: number | undefined
  /** Time between two looks, in ms. */
  readonly interval?: number | undefined
  readonly signal?: AbortSignal | undefined
  readonly onEvent?: ((event: ThawEvent) => void) | undefined
}

export type ThawEvent =
  | { readonly type: 'thaw-requested'; readonly key: string; readonly storageClass: string }
  | { readonly type: 'thaw-waiting'; readonly ready: number; readonly waiting: number }

/** How many objects there were, and for how many of them a thaw was asked for now. */
export interface ThawReport {
  readonly objects: number
  readonly requested: number
}

/** A backup that a replica lacked and now has. */
export interface CopiedBackup {
  readonly id: string
  readonly replica: string
  readonly files: number
  /** Stored bytes of its parts. */
  readonly bytes: number
}

/** A file that was damaged or missing at a replica and no longer is. */
export interface HealedFile {
  readonly replica: string
  readonly file: string
}

/** How one destination's copy of a backup is. */
export interface ReplicaReport {
  readonly name: string
  readonly state: 'whole' | 'damaged' | 'missing' | 'unreachable'
  readonly report?: VerifyReport
  readonly error?: BackupError
}

/** What destinations of the same backups can do for one another. */
export interface Replicas {
  sync(options: Call & { readonly id?: string | undefined }): Promise<{
    readonly copied: readonly CopiedBackup[]
  }>
  repair(options: Call & { readonly id: string }): Promise<{ readonly healed: readonly HealedFile[] }>
  verify(
    options: Call & {
      readonly id: string
      readonly level?: VerifyLevel | undefined
      readonly encryption?: Encryption
      readonly allowPlain?: boolean
    },
  ): Promise<ReplicasReport>
}

/** `ok` only if every destination has the whole backup. */
export interface ReplicasReport {
  readonly id: string
  readonly ok: boolean
  readonly replicas: readonly ReplicaReport[]
}
