import * as z from 'zod'
import { entrySchema, partSchema } from '../format/manifest/manifest-schema.js'
import { listOf } from '../format/manifest/until-first-problem.js'
import { type JsonValue, parsedJson } from '../json.js'
import type { Part, ResourceEntry } from '../manifest.js'
import type { EncryptionInfo } from '../ports/encryption.js'
import type { Description, IdRange, ResourceInfo } from '../ports/source.js'

/** The most shards of one backup. */
export const mostShards = 100_000

/** A range of a resource that one worker reads. */
export interface PlannedPiece {
  readonly resource: string
  readonly range: IdRange
  /** The first one of its resource. */
  readonly first: boolean
  /** Records that were there when the plan was made, more or less. */
  readonly expected: number
}

/** A backup that the one of the plan builds on, or is compared with. */
export interface PlannedLink {
  readonly id: string
  readonly directory: string
}

/** Everything that the processes of one backup have to agree on. */
export interface ShardPlan {
  readonly claim: string
  readonly type: string
  /** ISO 8601, UTC. */
  readonly startedAt: string
  readonly series: string
  readonly description: Description
  readonly selection: {
    readonly resources: readonly string[] | null
    readonly exclude: readonly string[] | null
  }
  /** The filter's description of itself; `null` for none. */
  readonly filter: JsonValue
  readonly codecs: readonly string[]
  readonly maxPartBytes?: number | undefined
  readonly verify: boolean
  readonly concurrency: number
  readonly metadata: Readonly<Record<string, JsonValue>>
  readonly encryption: {
    readonly info: EncryptionInfo & { readonly keyFile: string }
    readonly keys: Part
  } | null
  /** The chain that an incremental backup continues, the full backup first. */
  readonly chain: readonly PlannedLink[] | null
  /** The chain that a full backup is compared with. */
  readonly predecessor: readonly PlannedLink[] | null
  /** What each shard reads. */
  readonly shards: readonly (readonly PlannedPiece[])[]
}

/**
 * The result of a piece. Totals and state hashes are those of the piece; the sum of all pieces is that of the resource.
 */
export interface MadePiece {
  readonly entry: ResourceEntry
  readonly parts: readonly Part[]
  /** In an incremental piece: the state hash of the parent's records in its range. */
  readonly before: string | null
}

/** Says that a shard was read and stored, and what came of it. */
export interface ShardReceipt {
  readonly claim: string
  readonly index: number
  /** Stands in the names of its parts. */
  readonly attempt: string
  /** ISO 8601, UTC. */
  readonly readUntil: string
  /** Whether every part was read back and compared. */
  readonly compared: boolean
  readonly pieces: readonly MadePiece[]
}

const object = z.custom<Record<string, JsonValue>>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'must be an object',
)
const count = z.number().int().nonnegative()
const info: z.ZodType<ResourceInfo> = z.looseObject({
  name: z.string().min(1),
  attributes: object,
  partitions: object,
  timestamps: z.boolean(),
  shape: z.string().optional(),
  definition: parsedJson.optional(),
  of: z.string().nullable().optional(),
})
const links = z.array(z.object({ id: z.string(), directory: z.string() })).nullable()
const range = z.object({ after: z.string().optional(), upTo: z.string().optional() })

export const planSchema: z.ZodType<ShardPlan> = z.object({
  claim: z.string(),
  type: z.string(),
  startedAt: z.iso.datetime(),
  series: z.string(),
  description: z.object({
    database: object,
    identity: z.string().optional(),
    asOf: z.iso.datetime().optional(),
    resources: z.array(info),
    internal: z.array(info).optional(),
  }),
  selection: z.object({ resources: z.array(z.string()).nullable(), exclude: z.array(z.string()).nullable() }),
  filter: parsedJson,
  codecs: z.array(z.string()),
  maxPartBytes: count.optional(),
  verify: z.boolean(),
  concurrency: count.min(1),
  metadata: object,
  encryption: z
    .object({
      info: z.object({ algorithm: z.string(), keyFile: z.string() }).catchall(parsedJson),
      keys: partSchema,
    })
    .nullable(),
  chain: links,
  predecessor: links,
  shards: z
    .array(z.array(z.object({ resource: z.string(), range, first: z.boolean(), expected: count })))
    .min(1)
    .max(mostShards),
})

export const receiptSchema: z.ZodType<ShardReceipt> = z.object({
  claim: z.string(),
  index: count,
  attempt: z.string().regex(/^[0-9a-f]{8}$/),
  readUntil: z.iso.datetime(),
  compared: z.boolean(),
  pieces: z.array(
    z.object({
      // `totalCount` of a piece is its change in records, which is negative if it deletes more than it adds.
      entry: entrySchema.extend({ totalCount: z.number().int(), exportFile: z.string() }),
      parts: listOf(partSchema),
      before: z
        .string()
        .regex(/^[0-9a-f]{64}$/)
        .nullable(),
    }),
  ),
})
