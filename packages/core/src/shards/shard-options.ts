import * as z from 'zod'
import type { BackupOptions } from '../backup/backup-options.js'
import { isFunction, isObject } from '../options.js'
import type { Codec } from '../ports/codec.js'
import type { Driver } from '../ports/driver.js'
import { type Encryption, encryptionSchema } from '../ports/encryption.js'
import type { OnEvent } from '../ports/events.js'
import type { RowFilter } from '../ports/row-filter.js'
import type { Source } from '../ports/source.js'
import { mostShards } from './shard-plan.js'

/** A backup that several processes make, and into how many pieces it is cut. */
export interface PlanOptions extends Omit<BackupOptions, 'dryRun'> {
  /** So many shards, up to 100,000. Where there is less to read, some are empty. */
  readonly shards: number
}

/** A process that takes part in a backup. It reads everything else in the plan. */
export interface ShardOptions {
  /** The backup's id, which is the plan's. */
  readonly id: string
  readonly source: Source
  readonly driver: Driver
  /** The folder template that the plan was made with. Without it the plan is looked for everywhere. */
  readonly folder?: string | undefined
  /** As for the plan. */
  readonly codecs?: readonly Codec[] | undefined
  /** As for the plan, with a key that opens backups. */
  readonly encryption?: Encryption | undefined
  /** As for the plan: one that says the same of itself. */
  readonly filter?: RowFilter | undefined
  readonly signal?: AbortSignal | undefined
  readonly onEvent?: OnEvent | undefined
  /**
   * The clock. For tests.
   * @internal
   */
  readonly now?: (() => Date) | undefined
}

export interface RunShardOptions extends ShardOptions {
  /** Which shard, from 0. */
  readonly index: number
}

/** A plan that is only read or aborted. No key is needed. */
export interface PlanReference {
  readonly id: string
  readonly driver: Driver
  readonly folder?: string | undefined
  readonly signal?: AbortSignal | undefined
}

export const shardCountSchema = z.number().int().min(1).max(mostShards)

export const shardSchema = z.strictObject({
  id: z.string(),
  source: z.custom<Source>(isObject, 'a source is needed'),
  driver: z.custom<Driver>(isObject, 'a driver is needed'),
  folder: z.string().default(''),
  codecs: z.array(z.custom<Codec>(isObject, 'must be a codec')).readonly().optional(),
  encryption: encryptionSchema.optional(),
  filter: z.custom<RowFilter>(isObject, 'must be a filter').optional(),
  signal: z.instanceof(AbortSignal).optional(),
  onEvent: z.custom<OnEvent>(isFunction, 'must be a function').optional(),
  now: z.custom<() => Date>(isFunction, 'must be a function').optional(),
})

export const runShardSchema = shardSchema.extend({ index: z.number().int().nonnegative() })

export const referenceSchema = z.strictObject({
  id: z.string(),
  driver: z.custom<Driver>(isObject, 'a driver is needed'),
  folder: z.string().default(''),
  signal: z.instanceof(AbortSignal).optional(),
})

/** The options of a process, checked. */
export type CheckedShard = z.output<typeof shardSchema>
