import type { Call } from './driver.js'
import type { Batch, Description, IdRange, LostRecord, ResourceInfo } from './source.js'

/**
 * What happens to records that the target already has: `skip` keeps them, `merge` replaces them, `replace` also removes
 * those that the backup does not have.
 */
export type RestoreMode = 'skip' | 'merge' | 'replace'

/** The plan of a restore. */
export interface RestorePlan {
  readonly resources: readonly ResourceInfo[]
  readonly internal: readonly ResourceInfo[]
  readonly mode: RestoreMode
  /** Count what would be done; write nothing. */
  readonly dryRun: boolean
  /**
   * The records that the backup lacks, by its own resource names: they existed but could not be read when it was made.
   * With `replace` a target must keep these; if ids are unknown it must not remove any record of the resource that the
   * backup does not have.
   */
  readonly unreadable: ReadonlyMap<string, UnreadableRecords>
  /** Other names for resources at the target. `write` is called with the names of the backup. */
  readonly rename: Readonly<Record<string, string>>
  /**
   * The rows were mapped on their way and have no raw form: what the database would store in the body of a record, such as
   * what is too long for metadata, the target stores there.
   */
  readonly transformed?: boolean | undefined
  /**
   * Throws if records must not be written into the database that a source would describe like this. A target calls it
   * before it changes anything.
   */
  readonly checkTarget?: ((target: Pick<Description, 'identity' | 'database'>) => void) | undefined
  /**
   * Another process has opened the target for the same restore and made its resources: this one makes nothing, and throws
   * if one is not there. Only given to a target that has {@link Target.ranges}.
   */
  readonly joins?: boolean | undefined
}

/** Records of a resource that a backup lacks although they existed. */
export interface UnreadableRecords {
  readonly ids: ReadonlySet<string>
  /** Whether there are more with unknown ids. */
  readonly others: boolean
}

/** The outcome for the records of a resource, in numbers of records. */
export interface WriteReport {
  /** Written where nothing was. */
  readonly restored: number
  /** Written over a record that was there. */
  readonly replaced: number
  /** Left as they were. */
  readonly skipped: number
  /** Taken away, because the backup does not have them. */
  readonly removed: number
  /** With `replace`: left in place although the backup does not have them, and why. */
  readonly kept?: KeptRecords | undefined
  /** Not written, and why. */
  readonly failed: readonly LostRecord[]
  /** The resource could not be made at all, and why; none of its records was written. The others are. */
  readonly refused?: RefusedResource | undefined
  /** What was not restored with the records, such as references of a partition. Omitted if there is nothing. */
  readonly shortfalls?: readonly Shortfall[] | undefined
}

export interface RefusedResource {
  readonly reason: string
  /** Records of it that the backup has. */
  readonly records: number
}

/** Something that belongs to a resource and is not there after a restore, although its records are, unless `missing`. */
export interface Shortfall {
  /** A sentence for people, without a full stop: what is missing, and why. */
  readonly reason: string
  /** How many records it concerns; 0 if it is about the resource as a whole. */
  readonly records: number
  /** The first 100 of their ids. */
  readonly ids: readonly string[]
  /** The records themselves are not there, so the restore is incomplete. */
  readonly missing?: true | undefined
}

export interface KeptRecords {
  readonly count: number
  /** A sentence for people. */
  readonly reason: string
}

/** The database, for a restore. Calls come in this order: `open`, one `write` per resource, `finish`. */
export interface Target {
  /** Makes the resources ready for their records. Throws before it changes anything if it cannot. */
  open(plan: RestorePlan, call: Call): Promise<void>
  /** Writes the records of a resource. A record that fails is reported; the others are still written. */
  write(
    resource: string,
    batches: AsyncIterable<Batch>,
    call: Call & {
      /** Only given to a target that has {@link Target.ranges}. */
      readonly range?: IdRange | undefined
    },
  ): Promise<WriteReport>
  /**
   * Several processes may write at once, each after an `open` that joins: the batches of a `write` with a `range` have the
   * records in it alone, and whatever the mode does to records that the backup does not have, it does in the range alone.
   */
  readonly ranges?: true | undefined
  /** Called once all resources are written. */
  finish?(call: Call): Promise<void>
}
