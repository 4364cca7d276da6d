import type { BackupError } from '../errors.js'
import type { VerifyLevel, VerifyReport } from '../ports/verify-report.js'
import type { Call } from './driver.js'
import type { Encryption } from './encryption.js'

/** Optional abilities of a destination beyond storing backups. Abilities that it lacks are omitted. */
export interface DestinationCapabilities {
  /** Tries there whatever backups need, and says everything that will not work. Leaves nothing there. */
  doctor?(call: Call): Promise<readonly Finding[]>
  /** Makes archived objects readable, and waits until they are. Left out where nothing is ever archived. */
  thaw?(keys: Iterable<string>, options: ThawCall & Call): Promise<ThawReport>
  /** The destinations that have each backup. */
  readonly replicas?: Replicas | undefined
}

/** One thing that was found out about a destination. */
export interface Finding {
  /**
   * What was checked: `access`, `write`, `read`, `listing`, `delete`, `clock`, and anything else that the driver
   * checks.
   */
  readonly check: string
  /** `problem`: something will not work. `note`: it works, and there is something to know. */
  readonly level: 'ok' | 'note' | 'problem'
  readonly message: string
  /** Advice. */
  readonly suggestion?: string | undefined
  /** The failure behind it. */
  readonly error?: BackupError | undefined
  /** Which of several destinations. */
  readonly destination?: string | undefined
}

/** How archived objects become readable: see the storage's own price list. */
export interface ThawCall {
  /** Minutes, hours or half a day, and the price that goes with it. Default `Standard`. */
  readonly tier?: 'Expedited' | 'Standard' | 'Bulk' | undefined
  /** How long the thawed copies stay, in days. Default 7. */
  readonly days?: number | undefined
  /** Time between two looks, in ms. Default 60,000. */
  readonly interval?: number | undefined
  readonly signal?: AbortSignal | undefined
  readonly onEvent?: ((event: ThawEvent) => void) | undefined
}

export type ThawEvent =
  | { readonly type: 'thaw-requested'; readonly key: string; readonly storageClass: string }
  | { readonly type: 'thaw-waiting'; readonly ready: number; readonly waiting: number }

/** How many objects there were, and for how many of them a thaw was requested now. */
export interface ThawReport {
  readonly objects: number
  readonly requested: number
}

/** What destinations of the same backups can do for one another. */
export interface Replicas {
  /** Copies to each destination what it lacks. */
  sync(options: Call & { readonly id?: string | undefined }): Promise<{
    readonly copied: readonly CopiedBackup[]
  }>
  /** Heals a backup's damaged files at one destination from another. */
  repair(options: Call & { readonly id: string }): Promise<{ readonly healed: readonly HealedFile[] }>
  /** Verifies a backup at each destination. */
  verify(
    options: Call & {
      readonly id: string
      readonly level?: VerifyLevel | undefined
      readonly encryption?: Encryption | undefined
      readonly allowPlain?: boolean | undefined
    },
  ): Promise<ReplicasReport>
  /** Which backups each destination has, by its listing alone. */
  presence(options: Call): Promise<readonly ReplicaPresence[]>
}

/** The backups whose manifest is at one destination. */
export interface ReplicaPresence {
  readonly name: string
  readonly ids: readonly string[]
  /** Why it could not be asked: then nothing is known of what it has. */
  readonly error?: BackupError | undefined
}

/** A backup that a replica lacked and now has. */
export interface CopiedBackup {
  readonly id: string
  readonly replica: string
  /** Objects that it is made of, the manifest included. */
  readonly files: number
  /** Stored bytes of its parts. */
  readonly bytes: number
}

/** A file that was damaged or missing at a replica and no longer is. */
export interface HealedFile {
  readonly replica: string
  readonly file: string
}

/** How the destinations' copies of a backup are. `ok` only if every destination has the whole backup. */
export interface ReplicasReport {
  readonly id: string
  readonly ok: boolean
  readonly replicas: readonly ReplicaReport[]
}

/** How one destination's copy of a backup is. */
export interface ReplicaReport {
  readonly name: string
  /**
   * `whole`: the backup can be restored from this destination alone. `damaged`: a part or the manifest is missing or
   * spoilt. `orphaned`: nothing is wrong with the copy, but what it builds on is missing or damaged at this destination.
   * `missing`: it has no such backup. `unreachable`: it could not be asked.
   */
  readonly state: 'whole' | 'damaged' | 'orphaned' | 'missing' | 'unreachable'
  /** What `verify` saw, if there was a manifest to check against. */
  readonly report?: VerifyReport | undefined
  /** Why there is no report. */
  readonly error?: BackupError | undefined
}
