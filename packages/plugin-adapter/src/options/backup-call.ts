import { BackupError, type Compression, type IncrementalOptions, type JsonValue } from '@s3db-backup/core'
import { compressionNames, nearest } from '@s3db-backup/core/internal'
import type { Snapshot } from '@s3db-backup/s3db'
import * as z from 'zod'
import type { Moment } from '../past/moment.js'
import { type WantedPartitions, wantedPartitionsSchema } from './partition-filter.js'

export const compressionSchema = z.union([z.boolean(), z.enum(compressionNames)], {
  error: ({ input }) =>
    `must be true, false or one of ${compressionNames.map((name) => `"${name}"`).join(', ')}${nearest(input, compressionNames)}`,
})

/** Options of one `backup()` call. */
export const backupCallSchema = z.strictObject({
  signal: z.instanceof(AbortSignal).optional(),
  resources: z.array(z.string()).nullable().optional(),
  exclude: z.array(z.string()).optional(),
  compression: compressionSchema.optional(),
  metadata: z.record(z.string(), z.json()).optional(),
  verification: z.boolean().optional(),
  partitions: wantedPartitionsSchema.optional(),
  since: z.union([z.date(), z.string().min(1), z.number().int().nonnegative(), z.null()]).optional(),
  fullIfNeeded: z.boolean().optional(),
  maxChain: z.number().int().min(1).optional(),
  dryRun: z.boolean().optional(),
  at: z.union([z.date(), z.string().min(1), z.number().int().nonnegative()]).optional(),
  snapshot: z.enum(['auto', 'versions', 'none']).optional(),
})

export interface BackupCall {
  /** Only these resources (globs allowed). `null` or left out: all that the plugin's own `include` allows. */
  readonly resources?: readonly string[] | null | undefined
  readonly exclude?: readonly string[] | undefined
  readonly compression?: Compression | undefined
  /** Notes of your own, kept in the manifest. */
  readonly metadata?: Readonly<Record<string, JsonValue>> | undefined
  readonly verification?: boolean | undefined
  /** Only records in these values of these partitions: `{ byRegion: ['US', 'EU'], byStatus: ['active'] }`. */
  readonly partitions?: WantedPartitions | undefined
  /**
   * `incremental` only: build on the newest backup made by this time (a date, its text, or ms since 1970), or on the
   * backup of this id. `null`: there was none yet, so this is a full one.
   */
  readonly since?: Date | string | number | null | undefined
  /**
   * `incremental` only: make a full backup if there is nothing to build on. Default: only for the first backup of its
   * series. `false`: never.
   */
  readonly fullIfNeeded?: boolean | undefined
  /** `incremental` only: the longest chain, the full backup included. Default 30. */
  readonly maxChain?: number | undefined
  /**
   * Back up the past database at this moment, from the versions that its bucket keeps: a date, ms since 1970, a text
   * with a time zone (`2024-03-15T14:30:00Z`) or an age (`10 minutes ago`). Such backups form their own series.
   */
  readonly at?: Moment | undefined
  /** How records of a database in a bucket with versions are read. Default: the plugin's own `snapshot`. */
  readonly snapshot?: Snapshot | undefined
  /** Read and count, write nothing. */
  readonly dryRun?: boolean | undefined
  readonly signal?: AbortSignal | undefined
}

/** A call that was checked. */
export type CheckedCall = z.output<typeof backupCallSchema>

/** Which resources: the call's own, else the plugin's `include`; without what either excludes. */
export function selectionOf(
  type: string,
  call: CheckedCall,
  config: {
    readonly include?: readonly string[] | null | undefined
    readonly exclude?: readonly string[] | undefined
  },
): { resources?: string[] | undefined; exclude: string[] } {
  const resources = call.resources ?? config.include?.slice()
  const exclude = [...(config.exclude ?? []), ...(call.exclude ?? [])]
  if (type === 'selective' && resources === undefined && exclude.length === 0) {
    throw new BackupError('invalid_options', 'A selective backup needs a selection', {
      suggestion: 'Give resources, exclude, or both: backup("selective", { resources: ["users"] }).',
    })
  }
  return { exclude, ...(resources === undefined ? {} : { resources }) }
}

/** How an incremental backup finds what it builds on. */
export function incrementalOf({ since, maxChain, fullIfNeeded }: CheckedCall): IncrementalOptions {
  return {
    ...(since == null ? {} : { since: asTimeOrId(since) }),
    ...(maxChain === undefined ? {} : { maxChain }),
    fullIfNeeded: fullIfNeeded ?? 'first',
  }
}

/** A text is a time if it reads as an ISO 8601 date or as ms, else the id of a backup. */
function asTimeOrId(since: Date | string | number): Date | string {
  if (typeof since !== 'string') return checkedTime(new Date(since), since)
  if (/^\d{11,14}$/.test(since)) return checkedTime(new Date(Number(since)), since)
  return /^\d{4}-\d{2}-\d{2}([T ]|$)/.test(since) ? checkedTime(new Date(since), since) : since
}

function checkedTime(time: Date, given: unknown): Date {
  if (!Number.isNaN(time.getTime())) return time
  throw new BackupError(
    'invalid_options',
    `Invalid options of backup(): since: ${String(given)} is not a time`,
    {
      operation: 'backup',
      suggestion: 'Give a date such as 2024-03-15T14:30:00Z, ms since 1970, or the id of a backup.',
    },
  )
}
