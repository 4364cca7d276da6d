import * as z from 'zod'
import { checkBackupId, checkBackupType, createBackupId } from './backup-id.js'
import type { Codec } from './codec.js'
import { gzip } from './codecs/gzip.js'
import type { Call, Driver } from './driver.js'
import { type BackupCipher, type Encryption, type EncryptionInfo, encryptionSchema } from './encryption.js'
import type { OnEvent } from './events.js'
import type { PartContext } from './format/part-writer.js'
import { guard } from './guard.js'
import type { JsonValue } from './json.js'
import { backupDirectory, partNames } from './layout.js'
import type { Part } from './manifest.js'
import { parseOptions } from './options.js'
import { parsePathTemplate, renderFolder } from './path-template.js'
import type { RowFilter } from './row-filter.js'
import type { Selection } from './select.js'
import type { Source } from './source.js'
import { followSignal } from './streams/follow-signal.js'
import { withoutWrites } from './without-writes.js'

/** What a backup is made of and how. Only `source` and `driver` are needed. */
export interface BackupOptions {
  readonly source: Source
  readonly driver: Driver
  /** The backup's type, the first part of its id: `full`, or a name of your own. */
  readonly type?: string
  /** Only these resources (globs allowed); all if left out. */
  readonly resources?: readonly string[]
  /** Not these resources (globs allowed). */
  readonly exclude?: readonly string[]
  /** How parts are encoded, in this order. gzip if left out, `[]` for none. */
  readonly codecs?: readonly Codec[]
  /**
   * Encrypts every part after `codecs`, and of the manifest what listing and pruning do not need. File names then
   * tell nothing. Without a key for everybody it is for there is no backup.
   */
  readonly encryption?: Encryption
  /** Read back and compare what was stored before the backup counts. Default `true`. */
  readonly verify?: boolean
  /** A folder template below the driver's root, such as `{year}/{month}`. */
  readonly folder?: string
  /** Notes of your own, kept in the manifest. */
  readonly metadata?: { readonly [key: string]: JsonValue }
  /** Resources exported side by side. Default 4. */
  readonly concurrency?: number
  /** Begin a new part once one holds this many bytes of content. Unlimited if left out. */
  readonly maxPartBytes?: number
  /** The id, if it must be known beforehand. Made from type and time if left out. */
  readonly id?: string
  /** Take only what changed since an earlier backup of the same set. */
  readonly incremental?: IncrementalOptions
  /** Only records that this keeps. */
  readonly filter?: RowFilter
  /** Read and count everything, write nothing. The result says what a backup would have come to. */
  readonly dryRun?: boolean
  readonly signal?: AbortSignal
  readonly onEvent?: OnEvent
  /** The clock. For tests. */
  readonly now?: () => Date
}

/** How the parent of an incremental backup is chosen. */
export interface IncrementalOptions {
  /** The newest backup made at or before this time, or the backup of this id. The newest of all if left out. */
  readonly since?: Date | string | undefined
  /** The longest chain to build, the full backup included. Default 30. */
  readonly maxChain?: number
  /** Where there is no parent, or its chain is full, make a full backup instead of failing. Default `false`. */
  readonly fullIfNeeded?: boolean
}

/** What the encryption of a backup under way came to. */
export interface EncryptedRun {
  readonly cipher: BackupCipher
  /** For the manifest. */
  readonly info: EncryptionInfo & { readonly keyFile: string }
  /** The key file, stored. */
  readonly keys: Part
}

/** A backup under way: the options, checked, and what follows from them. */
export interface Run {
  readonly id: string
  readonly type: string
  readonly startedAt: Date
  readonly directory: string
  readonly source: Source
  readonly driver: Driver
  readonly selection: Selection
  readonly filter: RowFilter | undefined
  /** What was said of the parent; nothing for a full backup. */
  readonly incremental:
    | (IncrementalOptions & { readonly maxChain: number; readonly fullIfNeeded: boolean })
    | undefined
  /** The codecs that parts of earlier backups may have been written with. */
  readonly readers: readonly Codec[]
  readonly encryption: Encryption | undefined
  /** Once the backup's key is made and stored. */
  readonly encrypted?: EncryptedRun
  /** The documented name of the compression in use. */
  readonly compression: string
  readonly verify: boolean
  readonly metadata: { readonly [key: string]: JsonValue }
  readonly resourcesInFlight: number
  readonly parts: PartContext
  /** Every key that was begun, in order. */
  readonly keys: string[]
  readonly storedBytes: () => number
  readonly onEvent: OnEvent
  readonly call: Call
  /** Aborts everything under way, because one thing has failed: its error is then the signal's reason. */
  readonly stop: (error: unknown) => void
  readonly now: () => Date
}

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null
const isFunction = (value: unknown): boolean => typeof value === 'function'

const optionsSchema = z.strictObject({
  source: z.custom<Source>(isObject, 'a source is needed'),
  driver: z.custom<Driver>(isObject, 'a driver is needed'),
  type: z.string().default('full'),
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
      fullIfNeeded: z.boolean().default(false),
    })
    .optional(),
  filter: z.custom<RowFilter>(isObject, 'must be a filter').optional(),
  dryRun: z.boolean().default(false),
  signal: z.instanceof(AbortSignal).optional(),
  onEvent: z.custom<OnEvent>(isFunction, 'must be a function').optional(),
  now: z.custom<() => Date>(isFunction, 'must be a function').optional(),
})

/** Checks the options and decides what the whole backup shares: its id, its directory, how parts are made. */
export function startRun(options: BackupOptions): Run {
  const given = parseOptions(optionsSchema, options, { what: 'backup options', operation: 'backup' })
  checkBackupType(given.type)
  if (given.id !== undefined) checkBackupId(given.id, 'backup')
  const now = given.now ?? (() => new Date())
  const own = new AbortController()
  const signal = followSignal(given.signal, own.signal)
  const driver = given.dryRun ? withoutWrites(guard(given.driver)) : guard(given.driver)
  const codecs = given.codecs ?? [gzip()]
  const startedAt = now()
  const id = given.id ?? createBackupId(given.type, startedAt)
  // Parsed for its checks: a folder is a template without a root.
  parsePathTemplate(given.folder)
  const directory = backupDirectory(renderFolder(given.folder, { id, type: given.type, startedAt }), id)
  const keys: string[] = []
  let stored = 0

  return {
    id,
    type: given.type,
    startedAt,
    directory,
    source: given.source,
    driver,
    selection: { resources: given.resources, exclude: given.exclude },
    filter: given.filter,
    incremental: given.incremental,
    readers: codecs,
    encryption: given.encryption,
    compression: codecs[0]?.id ?? 'none',
    verify: given.verify && !given.dryRun,
    metadata: given.metadata,
    resourcesInFlight: given.concurrency,
    keys,
    storedBytes: () => stored,
    onEvent: given.onEvent ?? (() => undefined),
    call: { signal },
    stop: (error) => own.abort(error),
    now,
    parts: {
      driver,
      backupId: id,
      directory,
      codecs,
      nameOf: partNames(),
      maxContentBytes: Math.min(given.maxPartBytes ?? Number.POSITIVE_INFINITY, contentThatFits(driver)),
      onKey: (key) => keys.push(key),
      onBytes: (bytes) => {
        stored += bytes
      },
      signal,
    },
  }
}

/** Content that fits into an object whatever the codecs make of it: none of them adds 1 % and 64 KiB. */
function contentThatFits(driver: Driver): number {
  const limit = driver.capabilities?.maxObjectBytes
  return limit === undefined ? Number.POSITIVE_INFINITY : Math.max(1, Math.floor(limit * 0.99) - 64 * 1024)
}
