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
  /** Versions within two seconds of the moment. */
  near: amount,
  /** Ids that were asked for and that are in no resource. */
  notFound: z.array(z.string()),
  /** Why further records may differ that left no trace. */
  doubts: z.array(z.string()),
  /** Why the definition of a resource does not take its records of that time. */
  refused: byName(z.string()),
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
    notFound: z.array(z.string()),
    /** Requests to the storage of the database that was read. */
    requests: z.strictObject({ list: amount, get: amount }),
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
