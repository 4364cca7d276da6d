import * as z from 'zod'
import { parsedJson } from './json.js'

/** The format that this version writes, and the newest that it reads. */
export const formatVersion = 1

/** How `format` reads in a manifest of this version. */
export const formatName = `s3db-backup/${formatVersion}`

const count = z.number().int().nonnegative()
const sha256 = z.string().regex(/^[0-9a-f]{64}$/)
const instant = z.iso.datetime()
const json = parsedJson

/** A plain file name: nothing that could lead out of the backup's own directory. */
const fileName = z
  .string()
  .regex(/^(?!\.{1,2}$)[^/\\\p{Cc}]{1,255}$/u, 'must be a plain file name inside the backup')

const lostRecord = z.looseObject({ id: z.string(), reason: z.string() })

/** One stored object of a backup: its place, its size, its hash, and what one must know to read it. */
const part = z.looseObject({
  file: fileName,
  resource: z.string(),
  /** `rows`, `raw`, `index`, `deleted`. Readers pass over kinds that they do not know. */
  holds: z.string(),
  /** Lines in the part. */
  records: count,
  /** Stored size in bytes. */
  bytes: count,
  /** SHA-256 of the stored bytes. */
  sha256,
  /** SHA-256 of each block of `blockBytes` stored bytes, so that damage is located and never decoded. */
  blocks: z.array(sha256),
  blockBytes: count.min(1),
  /** Size in bytes once decoded; a part that decodes to more is corrupt. */
  contentBytes: count,
  /** The longest line, in bytes, without its line feed. */
  longestLine: count,
  /** Codec ids in the order they were applied. */
  codecs: z.array(z.string()),
})

const resource = z.looseObject({
  name: z.string().min(1),
  attributes: z.record(z.string(), json),
  partitions: z.record(z.string(), json),
  timestamps: z.boolean(),
  recordCount: count,
  /** The first part of rows. */
  exportFile: fileName,
  compression: z.string(),
  format: z.literal('jsonl'),
  /** Stored bytes of all parts of rows. */
  bytesWritten: count,
  /** The source's own description, handed back to the target. */
  definition: json.optional(),
  /** Of an internal resource: the resource it belongs to, or `null` for the whole database. */
  of: z.string().nullable().optional(),
  /** Order-independent hash of every record's id and content hash, before and after this backup. */
  state: z.looseObject({ before: z.string(), after: z.string() }),
  /** The source's own mark of "up to here", for the next incremental backup. */
  cursor: json.optional(),
  /** Whether the ids in each part ascend by their UTF-8 bytes, as the writer saw them. */
  ordered: z.boolean(),
  /** Records deleted by others between being listed and being read. */
  vanished: count,
  /** Records that exist and could not be read. */
  lost: z.array(lostRecord),
})

/**
 * The manifest: the JSON object whose presence makes a backup. The documented fields of `s3db.json` keep
 * their names and meaning; ours stand beside them. Fields that a reader does not know are kept.
 */
export const manifestSchema = z.looseObject({
  format: z.string(),
  version: z.string(),
  id: z.string(),
  backupType: z.string(),
  status: z.enum(['completed', 'incomplete']),
  parent: z.string().nullable(),
  /** The backup's start, UTC. */
  exportedAt: instant,
  completedAt: instant,
  /** The time of the first and of the last read of the source: S3 has no snapshot across objects. */
  window: z.looseObject({ from: instant, to: instant }),
  database: z.record(z.string(), json),
  resources: z.record(z.string(), resource),
  /** What a restore needs besides the resources. */
  internal: z.record(z.string(), resource),
  parts: z.array(part),
  /** The user's own notes. */
  metadata: z.record(z.string(), json),
  writer: z.looseObject({ name: z.string(), version: z.string() }),
})

export type Manifest = z.infer<typeof manifestSchema>
export type Part = z.infer<typeof part>
export type ResourceEntry = z.infer<typeof resource>

/** The parts of a resource that hold one kind of thing, in reading order. */
export function partsOf(manifest: Manifest, resourceName: string, holds: string): Part[] {
  return manifest.parts.filter(
    (candidate) => candidate.resource === resourceName && candidate.holds === holds,
  )
}
