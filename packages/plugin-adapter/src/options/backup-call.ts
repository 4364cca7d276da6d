import { type Compression, compressionNames, type JsonValue } from '@s3db-backup/core'
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
