import type { JsonValue } from './json.js'

/** The format that this version writes, and the newest that it reads. */
export const formatVersion = 1

/** How `format` reads in a manifest of this version. */
export const formatName = `s3db-backup/${formatVersion}`

/**
 * The manifest: the JSON object whose presence makes a backup. The documented fields of `s3db.json` keep their names
 * and meaning; ours are next to them. Times are ISO 8601 in UTC, sizes are bytes, counts are records unless they say
 * otherwise.
 */
export interface Manifest {
  /** `s3db-backup/1`. */
  readonly format: string
  /** The version of the `s3db.json` document that the other fields follow. */
  readonly version: string
  readonly id: string
  /** `full`, `incremental`, or a type of one's own. */
  readonly backupType: string
  /** `incomplete`: some records exist and are not in the backup; its entries name them. */
  readonly status: 'completed' | 'incomplete'
  /** The losses of an incomplete backup. */
  readonly losses?: Losses | undefined
  /** The backup that this one builds on. */
  readonly parent: string | null
  /** In a full backup that was merged from a chain: the last backup of that chain. */
  readonly consolidates?: string | undefined
  /** Backups of one series are of the same database and selection: a parent and its children are of one series. */
  readonly set: string
  /** The selection. Omitted by writers that do not record it. */
  readonly selection?: BackupSelection | undefined
  /** When the backup began. */
  readonly exportedAt: string
  /** When its last part was stored. */
  readonly completedAt: string
  /** Whether every part was read back from the storage and compared before this manifest was written. */
  readonly compared?: boolean | undefined
  /** When the first and the last record were read: S3 has no snapshot across objects. */
  readonly window: { readonly from: string; readonly to: string }
  /**
   * The one moment that every record is of, by the storage's clock: what was written later is not in the backup, however
   * long it took. Left out where records were read as they were when they were read.
   */
  readonly asOf?: string | undefined
  /** The source's own description of the database, without credentials. */
  readonly database: Readonly<Record<string, JsonValue>>
  readonly resources: Readonly<Record<string, ResourceEntry>>
  /** What a restore needs besides the resources. */
  readonly internal: Readonly<Record<string, ResourceEntry>>
  readonly parts: readonly Part[]
  /** The user's own notes. */
  readonly metadata: Readonly<Record<string, JsonValue>>
  /** Of an encrypted backup: how it was encrypted, and the file with its wrapped key. */
  readonly encryption?: ManifestEncryption | undefined
  readonly writer: { readonly name: string; readonly version: string }
}

/** The selection of a backup. */
export interface BackupSelection {
  /** The requested names or globs of resources; `null` for all. */
  readonly resources: readonly string[] | null
  /** Names or globs of those that were left out. */
  readonly exclude: readonly string[]
  /** The filter's description of itself; `null` if there was none and every record was taken. */
  readonly filter: JsonValue
}

/** What an incomplete backup lost. */
export interface Losses {
  /** The number of records, as far as known. */
  readonly count: number
  /** Those among them that the backup before it had not lost. */
  readonly added: number
  /** Which backup that is. */
  readonly before: string | null
}

/** How a backup was encrypted. The encryption's package may add fields of its own. */
export interface ManifestEncryption {
  readonly algorithm: string
  readonly keyFile: string
  readonly [field: string]: JsonValue
}

/** The entry of one resource. */
export interface ResourceEntry {
  readonly name: string
  readonly attributes: Readonly<Record<string, JsonValue>>
  readonly partitions: Readonly<Record<string, JsonValue>>
  readonly timestamps: boolean
  /** Records among the rows of this backup. */
  readonly recordCount: number
  /** The first part of rows. */
  readonly exportFile: string
  readonly compression: string
  readonly format: 'jsonl'
  /** Stored bytes of all parts of rows. */
  readonly bytesWritten: number
  /** The source's own description, passed to the target. */
  readonly definition?: JsonValue | undefined
  /** For an internal resource: the resource it belongs to, or `null` for the whole database. */
  readonly of?: string | null | undefined
  /** Changes when records are stored or decoded otherwise; a chain does not reach across. */
  readonly shape?: string | undefined
  /** Whether the parts hold every record of the resource; else they hold what changed since the parent. */
  readonly whole: boolean
  /** Records that the resource had in all when this backup was made. */
  readonly totalCount: number
  /** Records among the rows that the parent has in another version; the other rows are new. */
  readonly replacedCount: number
  /** Records of the parent that this backup says are gone. */
  readonly deletedCount: number
  /** Order-independent hash of every record's id and content hash, before and after this backup. */
  readonly state: { readonly before: string; readonly after: string }
  /**
   * `lines`: the content hashes of the key index are those of the lines of rows and raw forms. Any other value, or none:
   * they are the source's own, and only compared.
   */
  readonly contentHash?: string | undefined
  /** The source's own mark of "up to here", for the next incremental backup. */
  readonly cursor?: JsonValue | undefined
  /** Whether the ids in each part ascend by their UTF-8 bytes, as the writer saw them. */
  readonly ordered: boolean
  /** Records deleted by others between being listed and being read. */
  readonly vanished: number
  /** Records that exist and could not be read, by id: at most 10,000. */
  readonly lost: readonly { readonly id: string; readonly reason: string }[]
  /** Further ones, whose ids are not known or that are too many to be named. A count of `null` is unknown. */
  readonly lostWithoutId?: readonly { readonly reason: string; readonly count: number | null }[] | undefined
  /** What came of looking again at records that the source did not show. */
  readonly secondLook?: SecondLookReport | undefined
}

/** The result of a second look at one resource, in records. */
export interface SecondLookReport {
  /** Records that were there before and that the source did not show. */
  readonly missing: number
  /** Asked for by their own key. */
  readonly asked: number
  /** Gone: the storage said so, or two listings and a sample. */
  readonly gone: number
  /** Read after all. */
  readonly found: number
  /** The storage did not confirm their deletion, so they are lost. */
  readonly kept: number
  /** Second listings. */
  readonly listings: number
  /** Requests that all this took. */
  readonly requests: number
  /** Why the records of the earlier backup could not be compared to the end, if so. */
  readonly problem?: string | undefined
}

/** One stored object of a backup: its place, its size, its hash, and what one must know to read it. */
export interface Part {
  /** A plain file name in the backup's folder. */
  readonly file: string
  readonly resource: string
  /** `rows`, `raw`, `index`, `deleted`, `keys`. Readers pass over kinds that they do not know. */
  readonly holds: string
  /** In an encrypted backup, where `holds` is secret: the kind of storage for the part, `part`, `index` or `keys`. */
  readonly kind?: string | undefined
  /** Lines in the part. */
  readonly records: number
  /** Stored size in bytes. */
  readonly bytes: number
  /** SHA-256 of the stored bytes. */
  readonly sha256: string
  /** SHA-256 of each block of `blockBytes` stored bytes, so that damage is located and never decoded. */
  readonly blocks: readonly string[]
  readonly blockBytes: number
  /** Size in bytes once decoded; a part that decodes to more is corrupt. */
  readonly contentBytes: number
  /** The longest line, in bytes, without its line feed. */
  readonly longestLine: number
  /** Codec ids in the order they were applied. */
  readonly codecs: readonly string[]
}

/** The parts of a resource that hold one kind of thing, in reading order. */
export function partsOf(manifest: Manifest, resourceName: string, holds: string): Part[] {
  return manifest.parts.filter(
    (candidate) => candidate.resource === resourceName && candidate.holds === holds,
  )
}

/** The entry of a resource or internal resource. `constructor` and the like are names as good as any. */
export function entryOf({ resources, internal }: Manifest, name: string): ResourceEntry | undefined {
  const entries = Object.hasOwn(resources, name) ? resources : internal
  return Object.hasOwn(entries, name) ? entries[name] : undefined
}
