import * as z from 'zod'
import type { JsonValue } from '../json.js'
import { isFunction, isObject } from '../options.js'
import type { Codec } from '../ports/codec.js'
import type { Driver } from '../ports/driver.js'
import { type Encryption, encryptionSchema } from '../ports/encryption.js'
import type { OnEvent } from '../ports/events.js'
import type { RowFilter } from '../ports/row-filter.js'
import type { Source } from '../ports/source.js'

/** The source, the destination and the settings of a backup. Only `source` and `driver` are required. */
export interface BackupOptions {
  readonly source: Source
  readonly driver: Driver
  /**
   * The backup's type, the first part of its id: a name of your own; if left out `full`, or with `incremental`
   * `incremental`.
   */
  readonly type?: string | undefined
  /** Only these resources (globs allowed); all if left out. */
  readonly resources?: readonly string[] | undefined
  /** Not these resources (globs allowed). */
  readonly exclude?: readonly string[] | undefined
  /** How parts are encoded, in this order. gzip if left out, `[]` for none. */
  readonly codecs?: readonly Codec[] | undefined
  /**
   * Encrypts every part after `codecs`, and the fields of the manifest that listing and pruning do not need. File names
   * then reveal nothing. Without a key for every recipient the backup is not made.
   */
  readonly encryption?: Encryption | undefined
  /** Read back and compare what was stored before the backup counts. Default `true`. */
  readonly verify?: boolean | undefined
  /** A folder template below the driver's root, such as `{year}/{month}`. */
  readonly folder?: string | undefined
  /** Notes of your own, kept in the manifest. */
  readonly metadata?: { readonly [key: string]: JsonValue } | undefined
  /** Resources exported side by side. Default 4. */
  readonly concurrency?: number | undefined
  /** Begin a new part once one holds this many bytes of content. Unlimited if left out. */
  readonly maxPartBytes?: number | undefined
  /** The id, if it must be known beforehand. Made from type and time if left out. */
  readonly id?: string | undefined
  /** Take only what changed since an earlier backup of the same series. */
  readonly incremental?: IncrementalOptions | undefined
  /** Only records that this keeps. */
  readonly filter?: RowFilter | undefined
  /** Read and count everything, write nothing. The result says what a backup would have come to. */
  readonly dryRun?: boolean | undefined
  readonly signal?: AbortSignal | undefined
  readonly onEvent?: OnEvent | undefined
  /**
   * The clock. For tests.
   * @internal
   */
  readonly now?: (() => Date) | undefined
}

/** How the parent of an incremental backup is chosen. */
export interface IncrementalOptions {
  /** The newest backup made at or before this time, or the backup of this id. The newest of all if left out. */
  readonly since?: Date | string | undefined
  /** The longest chain to build, the full backup included. Default 30. */
  readonly maxChain?: number | undefined
  /**
   * If there is no parent, its chain is full, or one of its ancestors is missing, make a full backup instead of
   * failing. `first`: only if the destination has no backup that this one could build on or that hides one, in any
   * state. Default `false`.
   */
  readonly fullIfNeeded?: boolean | 'first' | undefined
}

/** What {@link BackupOptions} are checked against. */
export const backupSchema = z.strictObject({
  source: z.custom<Source>(isObject, 'a source is needed'),
  driver: z.custom<Driver>(isObject, 'a driver is needed'),
  type: z.string().optional(),
  resources: z.array(z.string()).readonly().optional(),
  exclude: z.array(z.string()).readonly().optional(),
  codecs: z.array(z.custom<Codec>(isObject, 'must be a codec')).readonly().optional(),
  encryption: encryptionSchema.optional(),
  verify: z.boolean().default(true),
  folder: z.string().default(''),
  metadata: z.record(z.string(), z.json()).default({}),
  concurrency: z.number().int().min(1).max(64).default(4),
  maxPartBytes: z.number().int().min(1024).optional(),
  id: z.string().optional(),
  incremental: z
    .strictObject({
      since: z.union([z.date(), z.string()]).optional(),
      maxChain: z.number().int().min(1).default(30),
      fullIfNeeded: z.union([z.boolean(), z.literal('first')]).default(false),
    })
    .optional(),
  filter: z.custom<RowFilter>(isObject, 'must be a filter').optional(),
  dryRun: z.boolean().default(false),
  signal: z.instanceof(AbortSignal).optional(),
  onEvent: z.custom<OnEvent>(isFunction, 'must be a function').optional(),
  now: z.custom<() => Date>(isFunction, 'must be a function').optional(),
})
