import * as z from 'zod'
import { amount, byName, lostRecord, shortfall, time } from './values.js'

/* What `undo`, `recover` and `history --versions` print. */

const plan = {
  since: time,
  steps: z.array(
    z.strictObject({
      resource: z.string(),
      id: z.string(),
      change: z.enum(['changed', 'deleted', 'created', 'unknown']),
      /** Names of the fields that differ. */
      fields: z.array(z.string()).optional(),
      /** Why nobody can tell what it was. */
      lost: z.string().optional(),
    }),
  ),
  dryRun: z.boolean(),
}

const undoneResource = z.strictObject({
  broughtBack: amount,
  removed: amount,
  /** Ids of records that somebody wrote after the plan was made. */
  changedMeanwhile: z.array(z.string()),
  failed: z.array(lostRecord),
  refused: z.string().optional(),
})

/** What `undo` prints: what differs and, unless nothing was done, what was done. */
export const undone = z.strictObject({ ...plan, resources: byName(undoneResource).optional() })

/** What `recover` prints with `--target`; without, what `undo` prints. */
export const recovered = z.union([
  z.strictObject({
    asOf: time,
    resources: byName(
      z.strictObject({
        restored: amount,
        replaced: amount,
        skipped: amount,
        failed: z.array(lostRecord),
        lost: z.array(lostRecord),
        lostWithoutId: z.array(z.string()),
        refused: z.strictObject({ reason: z.string(), records: amount }).optional(),
        shortfalls: z.array(shortfall).optional(),
      }),
    ),
    /** Versions within two seconds of the moment. */
    near: amount,
    dryRun: z.boolean(),
  }),
  undone,
])

/** What `history --versions` prints. */
export const versionHistory = z.object({
  resource: z.string(),
  id: z.string(),
  versions: z.array(
    z.object({
      versionId: z.string(),
      at: time,
      change: z.enum(['written', 'deleted', 'unreadable']),
      problem: z.string().optional(),
      fields: z
        .array(z.object({ field: z.string(), from: z.string().optional(), to: z.string().optional() }))
        .optional(),
    }),
  ),
})
