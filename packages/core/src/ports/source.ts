import type { JsonValue } from '../json.js'
import type { Call } from './driver.js'

/** One record as people read it: its id and its decoded fields. It becomes one line of JSON. */
export type Row = { readonly id: string } & { readonly [field: string]: unknown }

/**
 * The key-index entry of a record: enough for the next incremental backup to tell whether it changed.
 * `modified` is the storage's own time in ms since 1970 (0 if it has none); `hash` is a short content hash.
 */
export interface Mark {
  readonly id: string
  readonly modified: number
  readonly hash: string
}

/** A record that should have been there and could not be read or written, and why. */
export interface LostRecord {
  readonly id: string
  readonly reason: string
}

/**
 * Some records of one resource, in the order of the UTF-8 bytes of their ids. A plain source gives `rows`
 * and nothing else.
 */
export interface Batch {
  readonly rows: readonly Row[]
  /** By id: the exact stored form of those records that their row alone cannot reproduce. */
  readonly raw?: ReadonlyMap<string, JsonValue>
  /** One entry per row, in the same order. Left out, core hashes the line. */
  readonly marks?: readonly Mark[]
  /** Incremental only: entries of the parent's key index whose records are gone. */
  readonly deleted?: readonly Mark[]
  /** Incremental only: entries of the parent's key index that rows of this batch replace. */
  readonly replaced?: readonly Mark[]
  /** Incremental only: unchanged records whose `modified` in the key index has to be noted anew. */
  readonly refreshed?: readonly Mark[]
  /** Records that were listed, still exist and could not be read. They make the backup incomplete. */
  readonly lost?: readonly LostRecord[]
  /** How many listed records were deleted before they could be read. No loss: they no longer exist. */
  readonly vanished?: number
  /** How many records the resource has in all, as far as the source knows. For progress. */
  readonly expected?: number
  /** The source's own mark of "up to here", kept in the manifest for the next incremental backup. */
  readonly cursor?: JsonValue
}

/** A resource as the backup describes it. */
export interface ResourceInfo {
  readonly name: string
  /** Field name to type, as the source writes it. */
  readonly attributes: Readonly<Record<string, JsonValue>>
  readonly partitions: Readonly<Record<string, JsonValue>>
  readonly timestamps: boolean
  /**
   * Changes whenever records would be stored or decoded otherwise. Core then takes the resource whole again
   * instead of building on the parent. The name and `definition` if left out.
   */
  readonly shape?: string
  /** Whatever else the target needs to make this resource again. Opaque to core. */
  readonly definition?: JsonValue
  /** Of an internal resource: the resource it belongs to, or `null` for the database as a whole. */
  readonly of?: string | null
}

/** Where the data comes from if it comes from backups. */
export interface Origin {
  /** The backup whose state this is. */
  readonly backupId: string
  readonly set: string
  /** When that state was read, ISO 8601, UTC. */
  readonly exportedAt: string
  readonly window: { readonly from: string; readonly to: string }
}

/** What a source holds. */
export interface Description {
  /** Where the data comes from, for people: bucket, region. Never credentials. */
  readonly database: Readonly<Record<string, JsonValue>>
  /** Tells this database from others at the same destination. `database` as JSON if left out. */
  readonly identity?: string
  readonly resources: readonly ResourceInfo[]
  /** Given by a source that is itself a backup: the new one then stands for the same set and time. */
  readonly origin?: Origin
  /** What a restore needs besides the resources (counters, for instance). Backed up alike, listed apart. */
  readonly internal?: readonly ResourceInfo[]
}

/** The parent backup's view of a resource, for an incremental read. */
export interface Since {
  /** The parent's key index, ids ascending. */
  readonly index: AsyncIterable<readonly Mark[]>
  /** What the source gave as `cursor` when the parent was made. */
  readonly cursor: JsonValue | undefined
}

/** The database, for a backup. */
export interface Source {
  describe(call: Call): Promise<Description>
  /** Reads a resource once. With `since`, only what changed. */
  read(resource: string, call: Call & { readonly since?: Since }): AsyncIterable<Batch>
  /** Says that `read` honours `since`. Core refuses an incremental backup of a source that does not. */
  readonly incremental?: boolean
}
