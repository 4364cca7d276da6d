import * as z from 'zod'
import { type JsonValue, parsedJson } from '../json.js'
import { listOf, recordOf } from './until-first-problem.js'

/** The format that this version writes, and the newest that it reads. */
export const formatVersion = 1

/** How `format` reads in a manifest of this version. */
export const formatName = `s3db-backup/${formatVersion}`

const count = z.number().int().nonnegative()
const sha256 = z.string().regex(/^[0-9a-f]{64}$/)
const instant = z.iso.datetime()
const json = parsedJson

/** Fields that core hands through without looking at them; by reference, so that even `__proto__` is kept. */
const opaque = z.custom<Record<string, JsonValue>>(isObject, 'must be an object')

/** A plain file name: nothing that could lead out of the backup's own directory. */
const fileName = z
  .string()
  .regex(/^(?!\.{1,2}$)[^/\\\p{Cc}]{1,255}$/u, 'must be a plain file name inside the backup')

const lostRecord = z.looseObject({ id: z.string(), reason: z.string() })
const unnamedLoss = z.looseObject({ reason: z.string(), count: count.nullable() })

const secondLook = z.looseObject({
  missing: count,
  asked: count,
  gone: count,
  found: count,
  kept: count,
  listings: count,
  requests: count,
  /** Why the comparison with the earlier backup ended early, if it did. */
  problem: z.string().optional(),
})

/** One stored object of a backup: its place, its size, its hash, and what one must know to read it. */
export const partSchema = z.looseObject({
  file: fileName,
  resource: z.string(),
  /** `rows`, `raw`, `index`, `deleted`, `keys`. Readers pass over kinds that they do not know. */
  holds: z.string(),
  /** Of an encrypted backup, where `holds` is secret: as what the part is stored, `part`, `index` or `keys`. */
  kind: z.string().optional(),
  /** Lines in the part. */
  records: count,
  /** Stored size in bytes. */
  bytes: count,
  /** SHA-256 of the stored bytes. */
  sha256,
  /** SHA-256 of each block of `blockBytes` stored bytes, so that damage is located and never decoded. */
  blocks: listOf(sha256),
  blockBytes: count.min(1),
  /** Size in bytes once decoded; a part that decodes to more is corrupt. */
  contentBytes: count,
  /** The longest line, in bytes, without its line feed. */
  longestLine: count,
  /** Codec ids in the order they were applied. */
  codecs: listOf(z.string()),
})

const resource = z.looseObject({
  name: z.string().min(1),
  attributes: opaque,
  partitions: opaque,
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
  /** Changes when records are stored or decoded otherwise; a chain does not reach across. */
  shape: z.string().optional(),
  /** Whether the parts hold every record of the resource; else they hold what changed since the parent. */
  whole: z.boolean(),
  /** Records that the resource had in all when this backup was made. */
  totalCount: count,
  /** Records among the rows that the parent has in another version; the other rows are new. */
  replacedCount: count,
  /** Records of the parent that this backup says are gone. */
  deletedCount: count,
  /** Order-independent hash of every record's id and content hash, before and after this backup. */
  state: z.looseObject({ before: z.string(), after: z.string() }),
  /**
   * `lines`: the content hashes of the key index are those of the lines of rows and raw forms. Any other value, or none:
   * they are the source's own, and only compared.
   */
  contentHash: z.string().optional(),
  /** The source's own mark of "up to here", for the next incremental backup. */
  cursor: json.optional(),
  /** Whether the ids in each part ascend by their UTF-8 bytes, as the writer saw them. */
  ordered: z.boolean(),
  /** Records deleted by others between being listed and being read. */
  vanished: count,
  /** Records that exist and could not be read, by id: at most 10,000. */
  lost: listOf(lostRecord),
  /** Further ones, whose ids are not known or that are too many to be named. A count of `null` is unknown. */
  lostWithoutId: listOf(unnamedLoss).optional(),
  /** What came of looking again at records that the source did not show. */
  secondLook: secondLook.optional(),
})

/** Entries by name. zod would leave a resource called `__proto__` out without a word; here it is refused. */
const byName = z
  .custom<Record<string, z.input<typeof resource>>>(isObject, 'must be an object')
  .refine((entries) => !Object.hasOwn(entries, '__proto__'), '"__proto__" cannot name a resource')
  .pipe(recordOf(resource))
  .refine((entries) => Object.entries(entries).every(([name, entry]) => name === entry.name), {
    error: 'an entry has another name than its own',
  })

const encryptionInfo = z.object({ algorithm: z.string(), keyFile: fileName }).catchall(json)

/** A list of parts, each with a file of its own. */
export function partsSchema<Schema extends z.ZodType<{ readonly file: string }>>(schema: Schema) {
  return listOf(schema).refine(
    (all) => new Set(all.map(({ file }) => file)).size === all.length,
    'two parts have one file',
  )
}

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
  /**
   * Of an incomplete backup: how many records are lost as far as anybody knows, how many of them the backup before
   * it had not lost, and which one that is.
   */
  losses: z.looseObject({ count, added: count, before: z.string().nullable() }).optional(),
  parent: z.string().nullable(),
  /** Of a full backup that was merged from a chain: the last backup of that chain. */
  consolidates: z.string().optional(),
  /** Backups of one set are of the same database and selection: a parent and its children are of one set. */
  set: z.string(),
  /** The backup's start, UTC. */
  exportedAt: instant,
  completedAt: instant,
  /** Whether every part was read back from the storage and compared before this manifest was written. */
  compared: z.boolean().optional(),
  /** The time of the first and of the last read of the source: S3 has no snapshot across objects. */
  window: z.looseObject({ from: instant, to: instant }),
  database: opaque,
  resources: byName,
  /** What a restore needs besides the resources. */
  internal: byName,
  parts: partsSchema(partSchema),
  /** The user's own notes. */
  metadata: opaque,
  /** Of an encrypted backup: how, and the file that holds its wrapped key. */
  encryption: encryptionInfo.optional(),
  writer: z.looseObject({ name: z.string(), version: z.string() }),
})

export type Manifest = z.infer<typeof manifestSchema>
export type Part = z.infer<typeof partSchema>
export type ResourceEntry = z.infer<typeof resource>

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
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
