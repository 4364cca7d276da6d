import * as z from 'zod'
import { amount, byName, error, place, time, warning } from './values.js'

/** A finished backup. Sizes in bytes, times in ms. */
const finished = {
  id: z.string(),
  type: z.string(),
  status: z.enum(['completed', 'incomplete']),
  path: place,
  resources: z.array(z.string()),
  files: byName(z.string()),
  size: amount,
  compressed: amount,
  records: amount,
  internal: byName(amount),
  encrypted: z.boolean(),
  duration: z.number(),
  checksum: z.string(),
  timestamp: time,
  /** The one moment that all records are of. */
  asOf: time.optional(),
  parent: z.string().nullable(),
  /** Backups of one series are of the same database and selection. */
  series: z.string(),
  metadata: z.record(z.string(), z.json()),
  driverInfo: z.unknown(),
}

/** What `backup` and `consolidate` print. */
export const madeBackup = z.strictObject({
  ...finished,
  /** Of a backup of one moment: versions within two seconds of it. */
  near: amount.optional(),
  fullInstead: z.literal(true).optional(),
  warnings: z.array(warning).optional(),
})

const listed = {
  ...finished,
  lacks: z.string().optional(),
  datedAhead: z.literal(true).optional(),
  copies: z.array(z.strictObject({ path: place, complete: z.boolean() })).optional(),
  error: z.null(),
}

const readBackup = z.strictObject(listed)

/** An encrypted backup without its key: the fields that need the key are `null`. */
const unreadBackup = z.strictObject({
  ...listed,
  resources: z.null(),
  records: z.null(),
  size: z.null(),
  internal: z.null(),
  metadata: z.null(),
  /** Why, and what to do. */
  unread: z.string(),
})

const damaged = z.strictObject({ id: z.string(), status: z.literal('damaged'), path: place, error })

export const unfinished = z.strictObject({
  id: z.string(),
  type: z.string(),
  status: z.enum(['in-progress', 'incomplete', 'failed']),
  path: place,
  size: amount,
  checksum: z.null(),
  timestamp: time.nullable(),
  error: error.partial().nullable().optional(),
})

export const deletedBackup = z.strictObject({
  id: z.string(),
  type: z.string(),
  status: z.literal('deleted'),
  path: place,
  size: amount,
  timestamp: time.nullable(),
  parent: z.string().nullable(),
  deletedAt: time,
  purgeAfter: time,
  reasons: z.array(z.string()),
  complete: z.boolean(),
  encrypted: z.boolean().nullable(),
  checksum: z.null(),
  error: z.null(),
})

/** What `list` prints; with `--all` also `unfinished`. */
export const list = z.strictObject({
  backups: z.array(z.union([readBackup, unreadBackup, damaged, deletedBackup])),
  unfinished: z.array(unfinished).optional(),
})

const described = { manifest: z.looseObject({ id: z.string() }) }

/** What `show` prints. The manifest is described by the format. */
export const show = z.union([readBackup.extend(described), unreadBackup.extend(described)])

/** What `backup --status` prints. */
export const status = z.union([readBackup, unreadBackup, unfinished, deletedBackup])

const changes = z.strictObject({ added: amount, changed: amount, deleted: amount, total: amount })

/** What `backup --dry-run` prints; with `--prices` also `dollars`. */
export const dryRun = z.strictObject({
  dryRun: z.literal(true),
  type: z.string(),
  parent: z.string().nullable(),
  size: amount,
  compressed: amount,
  recordCount: amount,
  estimatedDuration: z.number(),
  resources: byName(changes),
  internal: byName(changes),
  requests: z.strictObject({ list: amount, get: amount }),
  files: amount,
  /** Of a backup of one moment: versions within two seconds of it. */
  near: amount.optional(),
  dollars: z.number().optional(),
})
