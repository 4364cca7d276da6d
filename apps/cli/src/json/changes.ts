import * as z from 'zod'
import { dryRun, madeBackup } from './backups.js'
import { doctor } from './checks.js'
import { amount, byName, error, lostRecord, place, shortfalls, time } from './values.js'

const written = z.strictObject({
  restored: amount,
  replaced: amount,
  skipped: amount,
  removed: amount,
  kept: z.strictObject({ count: amount, reason: z.string() }).optional(),
  failed: z.array(lostRecord),
  refused: z.strictObject({ reason: z.string(), records: amount }).optional(),
  shortfalls,
})

/** What `restore` prints. */
export const restored = z.strictObject({
  id: z.string(),
  backupId: z.string(),
  restored: z.array(z.string()),
  resources: byName(written),
  internal: byName(written),
  dryRun: z.boolean(),
  duration: z.number(),
})

/** What `delete` prints: when the backup can be brought back no more, or `null` if it is gone. */
export const removed = z.strictObject({
  id: z.string(),
  files: amount,
  bytes: amount,
  purgeAfter: time.nullable(),
})

/** What `undelete` prints. */
export const undeleted = z.strictObject({
  id: z.string(),
  undeleted: z.array(z.string()),
  damaged: z.array(z.string()),
})

const gone = z.strictObject({ id: z.string(), files: amount, bytes: amount })
const decided = z.strictObject({ id: z.string(), reasons: z.array(z.string()) })

/** What `purge` prints. */
export const purged = z.strictObject({
  dryRun: z.boolean(),
  purged: z.array(gone),
  kept: z.array(decided),
  bytes: amount,
})

/** What `prune` prints. */
export const pruned = z.strictObject({
  dryRun: z.boolean(),
  count: amount,
  removed: z.array(removed.extend({ reasons: z.array(z.string()) })),
  kept: z.array(decided),
  damaged: z.array(z.looseObject({ id: z.string() })),
  bytes: amount,
  /** Why `--apply` would refuse. */
  blocked: z.string().nullable(),
  purged: z.array(gone),
  swept: z.array(
    z.strictObject({
      id: z.string(),
      directory: z.string(),
      type: z.string(),
      startedAt: time,
      files: amount,
      bytes: amount,
    }),
  ),
})

/** What `keygen` prints: the key, or where it is. */
export const keygen = z.union([z.strictObject({ key: z.string() }), z.strictObject({ file: place })])

const rotated = z.strictObject({ id: z.string(), file: z.string(), removed: z.array(z.string()) })

/** What `rotate-key` prints; with `--chain` or `--all` of each backup. */
export const rotatedKeys = z.union([
  rotated,
  z.strictObject({ rotated: z.array(rotated), failed: z.array(error) }),
])

const copied = z.strictObject({ id: z.string(), replica: z.string(), files: amount, bytes: amount })

/** What `sync` prints. */
export const synced = z.strictObject({ copied: z.array(copied) })

/** What `copy` prints. */
export const copiedTo = z.strictObject({ id: z.string(), to: place, copied: z.array(copied) })

/** What `repair` prints. */
export const healed = z.strictObject({
  healed: z.array(z.strictObject({ replica: z.string(), file: z.string() })),
})

/** What `salvage` prints. */
export const salvaged = z.strictObject({
  id: z.string(),
  parent: z.string().nullable(),
  resources: byName(amount),
  skipped: byName(amount),
  failed: byName(z.array(lostRecord)),
  lost: z.array(
    z.strictObject({
      type: z.literal('lost'),
      resource: z.string(),
      holds: z.string(),
      file: z.string(),
      bytes: z.strictObject({ from: amount, to: amount }),
      lines: z.strictObject({ first: amount.optional(), last: amount.optional() }),
      saved: amount.optional(),
    }),
  ),
  doubts: z.array(z.strictObject({ type: z.literal('doubt'), resource: z.string(), problem: error })),
  to: place.nullable(),
})

/** What `init` prints. */
export const initialized = z.strictObject({
  config: place,
  keyFile: place.nullable(),
  doctor: doctor.nullable(),
  dryRun: dryRun.nullable(),
})

/** What `demo` prints. */
export const demo = z.looseObject({
  ok: z.literal(true),
  folder: place,
  records: amount,
  partitions: amount,
  backup: madeBackup,
  restored,
  differences: z.array(z.unknown()),
})
