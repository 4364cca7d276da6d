import { BackupError, type Compression, type IncrementalOptions, type JsonValue } from '@s3db-backup/core'
import { compressionNames } from '@s3db-backup/core/internal'
import * as z from 'zod'
import { type WantedPartitions, wantedPartitionsSchema } from './partition-filter.js'

export const compressionSchema = z.union([z.boolean(), z.enum(compressionNames)])

/** Options of one `backup()` call. */
export const backupCallSchema = z.strictObject({
  signal: z.instanceof(AbortSignal).optional(),
  resources: z.array(z.string()).nullable().optional(),
  exclude: z.array(z.string()).optional(),
  compression: compressionSchema.optional(),
  metadata: z.record(z.string(), z.json()).optional(),
  verification: z.boolean().optional(),
  partitions: wantedPartitionsSchema.optional(),
  since: z.union([z.date(), z.string().min(1)]).optional(),
  fullIfNeeded: z.boolean().optional(),
  maxChain: z.number().int().min(1).optional(),
  dryRun: z.boolean().optional(),
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
  /** `incremental` only: build on the newest backup made by this time, or on the backup of this id. */
  readonly since?: Date | string | undefined
  /** `incremental` only: make a full backup where there is nothing to build on. */
  readonly fullIfNeeded?: boolean | undefined
  /** `incremental` only: the longest chain, the full backup included. Default 30. */
  readonly maxChain?: number | undefined
  /** Read and count, write nothing. */
  readonly dryRun?: boolean | undefined
  readonly signal?: AbortSignal | undefined
}

type Checked = z.output<typeof backupCallSchema>

/** Which resources: the call's own, else the plugin's `include`; without what either excludes. */
export function selectionOf(
  type: string,
  call: Checked,
  config: {
    readonly include?: readonly string[] | null | undefined
    readonly exclude?: readonly string[] | undefined
  },
): { resources?: string[] | undefined; exclude: string[] } {
  const resources = call.resources ?? config.include?.slice()
  const exclude = [...(config.exclude ?? []), ...(call.exclude ?? [])]
  if (type === 'selective' && resources === undefined && exclude.length === 0) {
    throw new BackupError('invalid_options', 'A selective backup needs to be told what to select', {
      suggestion: 'Give resources, exclude, or both: backup("selective", { resources: ["users"] }).',
    })
  }
  return { exclude, ...(resources === undefined ? {} : { resources }) }
}

/** How an incremental backup finds what it builds on. */
export function incrementalOf({ since, maxChain, fullIfNeeded }: Checked): IncrementalOptions {
  return {
    ...(since === undefined ? {} : { since: asTimeOrId(since) }),
    ...(maxChain === undefined ? {} : { maxChain }),
    ...(fullIfNeeded === undefined ? {} : { fullIfNeeded }),
  }
}

/** A text is a time if it reads as an ISO 8601 date, else the id of a backup. */
function asTimeOrId(since: Date | string): Date | string {
  return typeof since === 'string' && /^\d{4}-\d{2}-\d{2}(T|$)/.test(since) ? new Date(since) : since
}
