import * as z from 'zod'
import { type JsonValue, parsedJson } from '../../json.js'
import type { Manifest, Part, ResourceEntry } from '../../manifest.js'
import { listOf, recordOf } from './until-first-problem.js'

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

export const lostSchema = z.looseObject({ id: z.string(), reason: z.string() })
export const lostWithoutIdSchema = z.looseObject({ reason: z.string(), count: count.nullable() })

const secondLook = z.looseObject({
  missing: count,
  asked: count,
  gone: count,
  found: count,
  kept: count,
  listings: count,
  requests: count,
  problem: z.string().optional(),
})

/** One stored object of a backup: its place, its size, its hash, and what one must know to read it. */
export const partSchema = z.looseObject({
  file: fileName,
  resource: z.string(),
  holds: z.string(),
  kind: z.string().optional(),
  records: count,
  bytes: count,
  sha256,
  blocks: listOf(sha256),
  blockBytes: count.min(1),
  contentBytes: count,
  longestLine: count,
  codecs: listOf(z.string()),
}) satisfies z.ZodType<Part>

export const entrySchema = z.looseObject({
  name: z.string().min(1),
  attributes: opaque,
  partitions: opaque,
  timestamps: z.boolean(),
  recordCount: count,
  exportFile: fileName,
  compression: z.string(),
  format: z.literal('jsonl'),
  bytesWritten: count,
  definition: json.optional(),
  of: z.string().nullable().optional(),
  shape: z.string().optional(),
  whole: z.boolean(),
  totalCount: count,
  replacedCount: count,
  deletedCount: count,
  state: z.looseObject({ before: sha256, after: sha256 }),
  contentHash: z.string().optional(),
  cursor: json.optional(),
  ordered: z.boolean(),
  vanished: count,
  lost: listOf(lostSchema),
  lostWithoutId: listOf(lostWithoutIdSchema).optional(),
  secondLook: secondLook.optional(),
}) satisfies z.ZodType<ResourceEntry>

/** Entries by name. zod would leave a resource called `__proto__` out without a word; here it is refused. */
const byName = z
  .custom<Record<string, z.input<typeof entrySchema>>>(isObject, 'must be an object')
  .refine((entries) => !Object.hasOwn(entries, '__proto__'), '"__proto__" cannot name a resource')
  .pipe(recordOf(entrySchema))
  .refine((entries) => Object.entries(entries).every(([name, entry]) => name === entry.name), {
    error: 'an entry has another name than its own',
  })

const selection = z.looseObject({
  resources: listOf(z.string()).nullable(),
  exclude: listOf(z.string()),
  filter: json,
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
 * their names and meaning; ours are next to them. Fields that a reader does not know are kept.
 */
export const manifestSchema = z.looseObject({
  format: z.string(),
  version: z.string(),
  id: z.string(),
  backupType: z.string(),
  status: z.enum(['completed', 'incomplete']),
  losses: z.looseObject({ count, added: count, before: z.string().nullable() }).optional(),
  parent: z.string().nullable(),
  consolidates: z.string().optional(),
  set: z.string(),
  selection: selection.optional(),
  exportedAt: instant,
  completedAt: instant,
  compared: z.boolean().optional(),
  window: z.looseObject({ from: instant, to: instant }),
  asOf: instant.optional(),
  database: opaque,
  resources: byName,
  internal: byName,
  parts: partsSchema(partSchema),
  metadata: opaque,
  encryption: encryptionInfo.optional(),
  writer: z.looseObject({ name: z.string(), version: z.string() }),
}) satisfies z.ZodType<Manifest>

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
