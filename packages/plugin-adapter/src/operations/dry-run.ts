import type { BackupResult, Manifest, ResourceEntry } from '@s3db-backup/core'
import type { Counted } from '@s3db-backup/s3db'

/** The result that a backup would have had. Sizes in bytes, times in ms. */
export interface PluginDryRun {
  readonly dryRun: true
  readonly type: string
  readonly parent: string | null
  /** Bytes before compression, the manifest included. */
  readonly size: number
  /** Bytes at the destination, the manifest included. */
  readonly compressed: number
  readonly recordCount: number
  /** How long the same reading and compressing took just now. Storing comes on top. */
  readonly estimatedDuration: number
  readonly resources: Readonly<Record<string, DryRunResource>>
  /** The same for objects that are not records (data of plugins, counters, history), by owner. */
  readonly internal: Readonly<Record<string, DryRunResource>>
  /** Requests to the database's storage. */
  readonly requests: Requests
  /** Of a backup of one moment: versions within two seconds of it, where the storage's clock decides. */
  readonly near?: number
  /** Objects that would be written: the parts, the manifest and the note that the backup was begun. */
  readonly files: number
}

export interface DryRunResource {
  readonly added: number
  readonly changed: number
  readonly deleted: number
  /** Records that the resource has in all. */
  readonly total: number
}

export interface Requests {
  /** Listings, at 1,000 keys each as S3 gives them. */
  readonly list: number
  /** Reads of single objects, and questions to the bucket. */
  readonly get: number
}

/** Keys on one page of an S3 listing. */
const pageSize = 1000

/** `counted`: what the source says that it asked for, if it does. */
export function describeDryRun(
  { manifest, manifestBytes, bytes, records, duration }: BackupResult,
  counted?: Counted,
): PluginDryRun {
  const resources = Object.values(manifest.resources)
  return {
    dryRun: true,
    type: manifest.backupType,
    parent: manifest.parent,
    size: manifest.parts.reduce((sum, part) => sum + part.contentBytes, manifestBytes),
    compressed: bytes,
    recordCount: records,
    estimatedDuration: duration,
    resources: Object.fromEntries(resources.map((entry) => [entry.name, changesOf(entry)])),
    internal: Object.fromEntries(
      Object.values(manifest.internal).map((entry) => [entry.name, changesOf(entry)]),
    ),
    requests: counted === undefined ? requestsFor(manifest) : requestsOf(counted),
    files: manifest.parts.length + 2,
  }
}

function changesOf({ recordCount, replacedCount, deletedCount, totalCount }: ResourceEntry): DryRunResource {
  return {
    added: recordCount - replacedCount,
    changed: replacedCount,
    deleted: deletedCount,
    total: totalCount,
  }
}

/** What a source asked for that counts. */
export function requestsOf({ pages, reads }: Counted): Requests {
  return { list: pages, get: reads }
}

function requestsFor({ resources, internal }: Manifest): Requests {
  const entries = [...Object.values(resources), ...Object.values(internal)]
  return {
    list: entries.reduce((sum, { totalCount }) => sum + Math.max(1, Math.ceil(totalCount / pageSize)), 0),
    get: entries.reduce((sum, { recordCount }) => sum + recordCount, 0),
  }
}
