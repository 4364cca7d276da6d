import * as z from 'zod'
import type { JsonValue } from '../../json.js'
import { parsedJson } from '../../json.js'
import type { RestoreMode, WriteReport } from '../../ports/target.js'
import type { ReadPlan } from '../../restore/plan-restore.js'
import type { PlannedLink, PlannedPiece } from '../shard-plan.js'

/** Everything that the processes of one restore have to agree on. */
export interface StoredRestore {
  readonly backupId: string
  readonly mode: RestoreMode
  readonly rename: Readonly<Record<string, string>>
  readonly resources: readonly string[] | null
  readonly exclude: readonly string[] | null
  readonly allowIncomplete: boolean
  readonly filter: JsonValue
  /** ISO 8601, UTC. */
  readonly startedAt: string
  readonly chain: readonly PlannedLink[]
  readonly lease: string | null
  /** The report on each resource by the process that opened the target. */
  readonly opened: Readonly<Record<string, WriteReport>>
  readonly shards: readonly (readonly PlannedPiece[])[]
}

/** What one shard of a restore wrote. */
export interface RestoredShard {
  readonly restore: string
  readonly index: number
  /** One for each of its pieces. */
  readonly reports: readonly WriteReport[]
}

const count = z.number().int().nonnegative()
const text = z.string()
const piece = z.object({
  resource: text,
  range: z.object({ after: text.optional(), upTo: text.optional() }),
  first: z.boolean(),
  expected: count,
})
const report: z.ZodType<WriteReport> = z.object({
  restored: count,
  replaced: count,
  skipped: count,
  removed: count,
  kept: z.object({ count, reason: text }).optional(),
  failed: z.array(z.object({ id: text, reason: text })),
  refused: z.object({ reason: text, records: count }).optional(),
  shortfalls: z
    .array(
      z.object({ reason: text, records: count, ids: z.array(text), missing: z.literal(true).optional() }),
    )
    .optional(),
})

export const restoreSchema: z.ZodType<StoredRestore> = z.object({
  backupId: text,
  mode: z.enum(['skip', 'merge', 'replace']),
  rename: z.record(text, text),
  resources: z.array(text).nullable(),
  exclude: z.array(text).nullable(),
  allowIncomplete: z.boolean(),
  filter: parsedJson,
  startedAt: z.iso.datetime(),
  chain: z.array(z.object({ id: text, directory: text })).min(1),
  lease: text.nullable(),
  opened: z.record(text, report),
  shards: z.array(z.array(piece)).min(1),
})

export const restoredSchema: z.ZodType<RestoredShard> = z.object({
  restore: text,
  index: count,
  reports: z.array(report),
})

/** The plan that the target gets. */
export function targetPlan(
  { resources, internal, unreadable }: ReadPlan,
  { mode, rename }: Pick<StoredRestore, 'mode' | 'rename'>,
) {
  return { resources, internal, unreadable, mode, rename, dryRun: false }
}
