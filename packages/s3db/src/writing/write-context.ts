import type { IdRange, RestoreMode, UnreadableRecords } from '@s3db-backup/core'
import type { Client } from '../client/database.js'
import type { InFlight } from '../client/in-flight.js'

/** What every write of a restore is given. */
export interface WriteContext {
  readonly client: Client
  readonly mode: RestoreMode
  readonly dryRun: boolean
  readonly rename: Readonly<Record<string, string>>
  /** Rows were mapped on their way: they have no raw form, and any of them may need a body. */
  readonly transformed: boolean
  /** The records of the resource that the backup lacks; they stay. */
  readonly unreadable: UnreadableRecords | undefined
  /** The writes of all resources. */
  readonly writes: InFlight
  /** Records that are held at once: being written, or waiting for their place. */
  readonly writesInFlight: number
  /** The batches have the records in this range, and others are not touched. All if left out. */
  readonly range?: IdRange | undefined
}
