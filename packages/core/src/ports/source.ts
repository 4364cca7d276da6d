import type { JsonValue } from '../json.js'
import type { BackupSelection } from '../manifest.js'
import type { Call } from './driver.js'

/** One record as people read it: its id and its decoded fields. It becomes one line of JSON. */
export type Row = { readonly id: string } & { readonly [field: string]: unknown }

/**
 * The key-index entry of a record: enough for the next incremental backup to tell whether it changed.
 * `modified` is the storage's own time in ms since 1970 (0 if it has none); `hash` is a short content hash.
 */
export interface IndexEntry {
  readonly id: string
  readonly modified: number
  readonly hash: string
}

/**
 * The key-index entry of a row. Without a `hash`, core hashes the stored lines of the record, so that any reader of the
 * backup can check them. For a source that computes its own hashes, equal hashes mean that nothing changed.
 */
export type RowIndexEntry = Omit<IndexEntry, 'hash'> & { readonly hash?: string | undefined }

/** A record that should have been there and could not be read or written, and why. */
export interface LostRecord {
  readonly id: string
  readonly reason: string
}

/** Records that exist, could not be read, and whose ids are unknown. `count` is `null` if their number is unknown, too. */
export interface UnnamedLoss {
  readonly reason: string
  readonly count: number | null
}

/**
 * Some records of one resource, in the order of the UTF-8 bytes of their ids. A plain source gives `rows`
 * and nothing else.
 */
export interface Batch {
  readonly rows: readonly Row[]
  /** By id: the exact stored form of those records that their row alone cannot reproduce. */
  readonly raw?: ReadonlyMap<string, JsonValue> | undefined
  /**
   * By id: why the source could not understand what is stored. Of these records it has the stored form, and a row with
   * only the id, which no filter can judge.
   */
  readonly unclear?: ReadonlyMap<string, string> | undefined
  /**
   * For a target: the stored form of records of which a filter or a transform was given nothing but the id. It tells
   * whether there was more, and must not be stored. Those that a filter did not keep have no row.
   */
  readonly hidden?: ReadonlyMap<string, JsonValue> | undefined
  /** One entry per row, in the same order. Left out, their time is unknown and core hashes the lines. */
  readonly marks?: readonly RowIndexEntry[] | undefined
  /** Incremental only: entries of the parent's key index whose records are gone. */
  readonly deleted?: readonly IndexEntry[] | undefined
  /**
   * Ids among `deleted` for which the storage itself has confirmed, by key, that the record does not exist. Core
   * records these without a second look ({@link SecondLook}).
   */
  readonly confirmed?: readonly string[] | undefined
  /** Incremental only: entries of the parent's key index that rows of this batch replace. */
  readonly replaced?: readonly IndexEntry[] | undefined
  /** Incremental only: unchanged records whose `modified` in the key index must be noted again. */
  readonly refreshed?: readonly IndexEntry[] | undefined
  /** Records that were listed, still exist and could not be read. They make the backup incomplete. */
  readonly lost?: readonly LostRecord[] | undefined
  /** The same where ids are not known, such as a listing that leaves records out and says so. */
  readonly lostWithoutId?: readonly UnnamedLoss[] | undefined
  /** How many listed records were deleted before they could be read. No loss: they no longer exist. */
  readonly vanished?: number | undefined
  /** How many records the resource has in all, as far as the source knows. For progress. */
  readonly expected?: number | undefined
  /** The source's own mark of "up to here", kept in the manifest for the next incremental backup. */
  readonly cursor?: JsonValue | undefined
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
  readonly shape?: string | undefined
  /** Whatever else the target needs to make this resource again. Opaque to core. */
  readonly definition?: JsonValue | undefined
  /** For an internal resource: the resource it belongs to, or `null` for the database as a whole. */
  readonly of?: string | null | undefined
}

/** Where the data comes from if it comes from backups. */
export interface ConsolidatedFrom {
  /** The backup whose state this is. */
  readonly backupId: string
  readonly series: string
  /** When that state was read, ISO 8601, UTC. */
  readonly exportedAt: string
  readonly window: { readonly from: string; readonly to: string }
  /** The one moment that everything in it is of, if there is one. */
  readonly asOf?: string | undefined
  /** The selection of that backup, from its manifest. */
  readonly selection?: BackupSelection | undefined
}

/** The content of a source. */
export interface Description {
  /** Where the data comes from, for people: bucket, region. Never credentials. */
  readonly database: Readonly<Record<string, JsonValue>>
  /** Tells this database from others at the same destination. `database` as JSON if left out. */
  readonly identity?: string | undefined
  readonly resources: readonly ResourceInfo[]
  /** The one moment that everything is of, ISO 8601, UTC. Left out where records are read as they are when they are read. */
  readonly asOf?: string | undefined
  /** Given by a source that is itself a backup: the new one then has the same set and time. */
  readonly origin?: ConsolidatedFrom | undefined
  /** What else a restore needs, such as counters. Backed up in the same way, listed separately. */
  readonly internal?: readonly ResourceInfo[] | undefined
}

/** The parent backup's view of a resource, for an incremental read. */
export interface IncrementalBase {
  /**
   * The parent's key index, ids ascending. `modified` is 0 for a record that has to be read again whatever its
   * time: the parent lost it. Every such record comes back as a row, in `refreshed`, `lost` or `deleted`.
   */
  readonly index: AsyncIterable<readonly IndexEntry[]>
  /** The source's `cursor` when the parent was made. */
  readonly cursor: JsonValue | undefined
}

/**
 * How core makes sure that a record is really deleted. A listing without the record does not prove it: it may be
 * incomplete or stale.
 *
 * Core decides what has to be confirmed. In an incremental backup that is every entry of `deleted` that is not
 * `confirmed`, and every record that the parent lost and that the source no longer mentions. In a full one it is
 * every id that the newest earlier backup of the series has and this one does not. Of each resource the first
 * 1,000 missing ids are asked for one by one ({@link SecondLook.ask}), while the resource is read. If there are more,
 * the resource is listed once more after it was read ({@link SecondLook.list}), both listings have to agree, and a
 * random sample of 1,000 of the others is asked for. If the sample contradicts the listings, none of the others is
 * recorded as deleted.
 *
 * Whatever is not confirmed is kept: its last version stays in the chain, its id is `lost`, and the backup is
 * incomplete.
 *
 * A source that has a second look gives the ids of a resource in ascending order.
 */
export interface SecondLook {
  /**
   * Asks the storage for each of these records by its own key, not by a listing. At most 100 ids at a time, in
   * ascending order; the source asks for some of them side by side, within its own limit on requests. Several
   * resources may be asked about at once.
   *
   * A key that is not there is the usual answer, so it must be cheap: mind clients that retry a "not found". An
   * answer that may pass (a refusal, a time-out, a server's error) is tried again by the source as other reads
   * are, and ends in `lost`. The promise rejects only if the whole backup cannot go on.
   */
  ask(resource: string, ids: readonly string[], call: Call): Promise<SecondAnswer>
  /**
   * Lists the ids of a resource once more, ascending: with other page borders than `read` (another page size, for
   * instance), past every cache, without reading records. Throws as `read` does if the listing breaks off.
   */
  list(resource: string, call: Call & { readonly range?: IdRange | undefined }): AsyncIterable<SecondListing>
}

/** The storage's answers about the requested ids. An id in none of the lists counts as unanswered. */
export interface SecondAnswer {
  /** The storage's own "not found" for that very key. Nothing else makes a record gone. */
  readonly gone: readonly string[]
  /** Those that are there after all, read as `read` would have given them; ids ascending. */
  readonly found?: Pick<Batch, 'rows' | 'raw' | 'marks'> | undefined
  /** Those that are there and cannot be read, and those to which the storage gave no answer. */
  readonly lost?: readonly LostRecord[] | undefined
  /** Requests that this took, repeated ones included. */
  readonly requests: number
}

/** A range of ids of a resource, in the order of `compareIds`. An omitted end has no bound. */
export interface IdRange {
  /** Only ids after this one; it is not among them. */
  readonly after?: string | undefined
  /** Only ids up to this one; it is among them. */
  readonly upTo?: string | undefined
}

/**
 * How a resource is read in pieces, by several processes at once. A source that has this honours `range` in `read` and
 * in the second look's `list`: it gives what it gives without, and of that only what is about ids in the range, `deleted`
 * and `lost` included. Losses without ids may come with every range. With `since` and a range, the index is the range's cut.
 */
export interface SourceRanges {
  /**
   * The ids of a resource, ascending, as fast as the storage lists them, without reading records. If there is no
   * earlier backup, a plan is cut by these; a missing or extra id does no harm.
   */
  ids(resource: string, call: Call): AsyncIterable<readonly string[]>
  /** One cursor from those that the ranges of a resource gave. Left out, a backup in shards keeps none. */
  joinCursors?(cursors: readonly JsonValue[]): JsonValue | undefined
}

/** A page of a second listing. */
export interface SecondListing {
  readonly ids: readonly string[]
  /** Requests that this page took. */
  readonly requests: number
}

/** The database, for a backup. */
export interface Source {
  describe(call: Call): Promise<Description>
  /** Reads a resource once. With `since`, only what changed; with `range`, only what is about ids in it. */
  read(
    resource: string,
    call: Call & {
      readonly since?: IncrementalBase | undefined
      /** Only given to a source that has {@link Source.ranges}. */
      readonly range?: IdRange | undefined
    },
  ): AsyncIterable<Batch>
  /** Says that `read` honours `since`. Core refuses an incremental backup of a source that does not. */
  readonly incremental?: boolean
  /**
   * Whether others may change the result of `describe` during the backup. Core then asks again once everything was
   * read: a new resource is read as well, and one with another `shape` makes the backup incomplete.
   */
  readonly changing?: boolean
  /** Says that `read` honours `range`. Without it a backup in shards reads each resource in one piece. */
  readonly ranges?: SourceRanges | undefined
  /** Confirms deletions. Without it core believes what `read` says is gone. */
  readonly secondLook?: SecondLook | undefined
}
