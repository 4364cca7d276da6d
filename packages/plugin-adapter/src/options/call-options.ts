import type { OnEvent, RowTransform } from '@s3db-backup/core'
import { type Database, isDatabase } from '@s3db-backup/s3db'
import * as z from 'zod'
import { wantedPartitionsSchema } from './partition-filter.js'

const callOptions = {
  signal: z.instanceof(AbortSignal).optional(),
}

const date = z.union([z.date(), z.iso.date(), z.iso.datetime({ offset: true })], {
  error: 'must be a date such as 2024-03-01, or a time with its zone such as 2024-03-01T10:00:00Z',
})

const listed = {
  ...callOptions,
  limit: z.number().int().min(0).optional(),
  prefix: z.string().optional(),
}

/** Options of `listBackups({ unfinished: true })`. */
export interface ListUnfinishedCall {
  /** List backups without a manifest instead: failed, running, abandoned. */
  readonly unfinished: true
  readonly signal?: AbortSignal | undefined
}

export const listUnfinishedCallSchema = z.strictObject({ ...callOptions, unfinished: z.literal(true) })

/** Options of one `listBackups()` call. */
export const listCallSchema = z.strictObject({
  ...listed,
  unfinished: z.literal(false).optional(),
  startDate: date.optional(),
  endDate: date.optional(),
})

/** Options of one `deleted.list()` call. */
export interface ListDeletedCall {
  /** How many at most. Default all. */
  readonly limit?: number | undefined
  /** Only those whose id begins like this. */
  readonly prefix?: string | undefined
  readonly signal?: AbortSignal | undefined
}

export const listDeletedCallSchema = z.strictObject(listed)

export type ListCall = z.input<typeof listCallSchema>

/** Options of one `restore()` call. */
export const restoreCallSchema = z.strictObject({
  ...callOptions,
  overwrite: z.boolean().optional(),
  mode: z.enum(['skip', 'merge', 'replace']).optional(),
  resources: z.array(z.string()).nullable().optional(),
  exclude: z.array(z.string()).optional(),
  target: z
    .union([z.string().min(1), z.custom<Database>(isDatabase, 'must be a database or a connection string')])
    .optional(),
  destination: z
    .union([z.string().min(1), z.custom<Database>(isDatabase, 'must be a database or a connection string')])
    .optional(),
  ids: z.array(z.string()).optional(),
  partitions: wantedPartitionsSchema.optional(),
  transform: z.custom<RowTransform>((value) => typeof value === 'function', 'must be a function').optional(),
  intoSource: z.boolean().optional(),
  rename: z.record(z.string(), z.string().min(1)).optional(),
  dryRun: z.boolean().optional(),
  allowIncomplete: z.boolean().optional(),
  allowPlain: z.boolean().default(false),
  verification: z.boolean().optional(),
  /** Progress of this restore alone; the plugin's events tell of every one. */
  onEvent: z.custom<OnEvent>((value) => typeof value === 'function', 'must be a function').optional(),
})

export type RestoreCall = z.input<typeof restoreCallSchema>

/** Options of one `cleanupBackups()` call. */
export const cleanupCallSchema = z.strictObject({
  ...callOptions,
  dryRun: z.boolean().default(false),
  force: z.boolean().default(false),
  deletionGrace: z.number().nonnegative().optional(),
})

export interface CleanupCall {
  /** Say what would be removed, remove nothing. */
  readonly dryRun?: boolean | undefined
  /** Also where the policy would remove unusually much at once. */
  readonly force?: boolean | undefined
  /** How long what is removed can be brought back, in ms. Default: the plugin's `deletionGrace`. */
  readonly deletionGrace?: number | undefined
  readonly signal?: AbortSignal | undefined
}
