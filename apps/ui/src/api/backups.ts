import * as z from 'zod'
import { problem, time } from './values.js'

/**
 * `damaged`: its manifest cannot be read. `broken`: one that it builds on is missing. `failed`, `abandoned` and
 * `running` have no manifest, and so cannot be restored.
 */
export const state = z.enum(['complete', 'incomplete', 'broken', 'damaged', 'failed', 'abandoned', 'running'])
export type State = z.output<typeof state>

/** A line of the list of backups. Sizes in bytes, lengths in ms. */
export const listedBackup = z.object({
  id: z.string(),
  state,
  type: z.string().nullable(),
  at: time.nullable(),
  series: z.string().nullable(),
  parent: z.string().nullable(),
  records: z.number().nullable(),
  bytes: z.number(),
  duration: z.number().nullable(),
  resources: z.array(z.string()),
  encrypted: z.boolean(),
  /** It is encrypted, and no key here opens it. */
  locked: z.boolean(),
  /** Notes, as texts. */
  tags: z.record(z.string(), z.string()),
  /** The number of places with a copy. */
  copies: z.number(),
  datedAhead: z.boolean(),
  /** Why it is not as it should be, in a sentence. */
  why: z.string().nullable(),
})
export type ListedBackup = z.output<typeof listedBackup>

export const backupList = z.object({
  backups: z.array(listedBackup),
  now: time,
  /** A sentence, if backups were here before and none is left. */
  gone: z.string().nullable(),
})
export type BackupList = z.output<typeof backupList>

/** The result of the retention policy now. */
export const retention = z.object({
  policy: z.boolean(),
  removed: z.record(z.string(), z.string()),
  kept: z.record(z.string(), z.string()),
  blocked: z.string().nullable(),
})
export type Retention = z.output<typeof retention>

const part = z.object({
  file: z.string(),
  resource: z.string(),
  holds: z.string(),
  bytes: z.number(),
  records: z.number().nullable(),
})

/** The content of a manifest, and further facts. */
export const backupDetails = z.object({
  backup: listedBackup,
  path: z.string(),
  compared: z.boolean().nullable(),
  began: time.nullable(),
  ended: time.nullable(),
  contentBytes: z.number().nullable(),
  checksum: z.string().nullable(),
  writer: z.string().nullable(),
  encryption: z.string().nullable(),
  storage: z.record(z.string(), z.string()),
  selection: z.string().nullable(),
  chain: z.array(z.object({ id: z.string(), type: z.string(), at: time, bytes: z.number() })),
  children: z.array(z.string()),
  copies: z.array(z.object({ path: z.string(), complete: z.boolean() })),
  resources: z.array(
    z.object({
      name: z.string(),
      internal: z.boolean(),
      total: z.number(),
      added: z.number(),
      replaced: z.number(),
      deleted: z.number(),
      lost: z.number(),
      bytes: z.number(),
    }),
  ),
  parts: z.array(part),
  /** The number of all parts; the first thousand are listed. */
  partCount: z.number(),
  error: problem.nullable(),
})
export type BackupDetails = z.output<typeof backupDetails>

/** How two backups differ. */
export const comparison = z.object({
  from: z.string(),
  to: z.string(),
  resources: z.array(
    z.object({ name: z.string(), added: z.number(), changed: z.number(), removed: z.number() }),
  ),
  /** The first of them. */
  sample: z.array(
    z.object({ resource: z.string(), id: z.string(), change: z.enum(['added', 'changed', 'removed']) }),
  ),
  /** Not all were counted. */
  cut: z.boolean(),
  /** Why nothing is known of some records; `null` if all were compared. */
  unknown: z.string().nullable(),
})
export type Comparison = z.output<typeof comparison>
