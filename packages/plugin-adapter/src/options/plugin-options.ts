import type { Compression, Driver } from '@s3db-backup/core'
import { defaultGrace, parseOptions } from '@s3db-backup/core/internal'
import { type PolicyInput, parsePolicy } from '@s3db-backup/retention'
import { type Database, isDatabase, type Snapshot } from '@s3db-backup/s3db'
import * as z from 'zod'
import { isLogger, type Logger } from '../events/logger.js'
import { compressionSchema } from './backup-call.js'
import { type ScheduleInput, scheduleSchema } from './schedule-options.js'
import { together } from './together.js'

/** A hook of the user's: the backup's type (or the id that is restored), and what is known. May be async. */
export type Hook = (subject: string, details: Readonly<Record<string, unknown>>) => unknown

export type HookName = `on${'Backup' | 'Restore'}${'Start' | 'Complete' | 'Error'}`

const isFunction = (value: unknown): boolean => typeof value === 'function'
const hook = z.custom<Hook>(isFunction, 'must be a function').optional()

/** Options that the documentation has both at the top level and inside `config`. */
const shared = {
  compression: compressionSchema.optional(),
  retention: z.record(z.string(), z.json()).optional(),
}

/** The levels of pino, which s3db.js logs with. */
export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

export type LogLevel = (typeof logLevels)[number]

/** An unfinished backup younger than this can be another process's, in ms. */
const leastGrace = 60 * 60 * 1000

const optionsSchema = z.strictObject({
  driver: z
    .union([z.string(), z.custom<Driver>(isDriver, 'must be a name or a driver')])
    .default('filesystem'),
  config: z.record(z.string(), z.unknown()).optional(),
  ...shared,
  include: z.array(z.string()).nullable().optional(),
  exclude: z.array(z.string()).optional(),
  encryption: z.record(z.string(), z.unknown()).nullable().optional(),
  verification: z.boolean().default(true),
  tempDir: z.string().optional(),
  logLevel: z.union([z.boolean(), z.enum(logLevels)]).optional(),
  verbose: z.boolean().optional(),
  emitEvents: z.boolean().default(true),
  schedule: scheduleSchema.optional(),
  catchUp: z.boolean().default(true),
  staleAfter: z.number().min(leastGrace).default(defaultGrace),
  deletionGrace: z.number().nonnegative().default(0),
  manifestCache: z.boolean().default(false),
  database: z.custom<Database>(isDatabase, 'must be a database of s3db.js').optional(),
  namespace: z.string().min(1).optional(),
  slug: z.string().min(1).optional(),
  logger: z.custom<Logger>(isLogger, 'must be a logger with debug, info, warn and error').optional(),
  concurrency: z.number().int().min(1).max(64).optional(),
  snapshot: z.enum(['auto', 'versions', 'none']).default('none'),
  onBackupStart: hook,
  onBackupComplete: hook,
  onBackupError: hook,
  onRestoreStart: hook,
  onRestoreComplete: hook,
  onRestoreError: hook,
} satisfies Readonly<Record<keyof PluginOptions, z.ZodType>>)

/** The options for every driver. */
export interface CommonOptions {
  /** How files are compressed. `true` is `gzip`, `false` is `none`. Default `'gzip'`. */
  readonly compression?: Compression | undefined
  /** The backups to keep; the rest is removed after each backup. Without a policy everything is kept. */
  readonly retention?: PolicyInput | undefined
  /** Only these resources (globs allowed). All if left out or `null`. */
  readonly include?: readonly string[] | null | undefined
  /** Not these resources (globs allowed). */
  readonly exclude?: readonly string[] | undefined
  /** Read back what was written, and check a backup before it is restored. Default `true`. */
  readonly verification?: boolean | undefined
  /** Where drills put their databases. Default: where the system keeps temporary files. */
  readonly tempDir?: string | undefined
  /**
   * The log: `true` and `'debug'` for everything, `'info'` without the progress, `'warn'` for failures only. Default
   * `false`.
   */
  readonly logLevel?: boolean | LogLevel | undefined
  /** The same as `logLevel: true`. Default `false`. */
  readonly verbose?: boolean | undefined
  /** Tell listeners of the plugin and of the database what happens, as `plg:backup:*`. Default `true`. */
  readonly emitEvents?: boolean | undefined
  /** `{ daily: '0 2 * * *', drill: '0 4 * * 0' }`, or a list of `{ name, cron, type, timezone, ... }`. Nothing by default. */
  readonly schedule?: ScheduleInput | undefined
  /** Make up for a scheduled backup that was missed. Default `true`. */
  readonly catchUp?: boolean | undefined
  /** When a backup without a manifest counts as abandoned, in ms. At least an hour. Default 86,400,000: a day. */
  readonly staleAfter?: number | undefined
  /** How long a deleted backup can be brought back, in ms. Default 0. */
  readonly deletionGrace?: number | undefined
  /** Remember manifests on this machine, for what only shows backups. Default `false`. */
  readonly manifestCache?: boolean | undefined
  /** The database, where `usePlugin` is not the way. */
  readonly database?: Database | undefined
  /** Tells this plugin from others of its kind: part of its `slug`. Default: the name that it is installed under. */
  readonly namespace?: string | undefined
  /** What `plugin.slug` begins with. Default: `backup`. */
  readonly slug?: string | undefined
  /** Where to log. Default: the logger that s3db.js gives to its plugins. */
  readonly logger?: Logger | undefined
  /** How many resources a backup reads at once: 1 to 64. Default 4. */
  readonly concurrency?: number | undefined
  /**
   * How records of a database in a bucket with versions are read. `auto`: all as of one moment, if that is possible and
   * costs at most twice the requests; otherwise it reports why not (`snapshot_not_taken`). `versions`: this way or not
   * at all. `none`: each as it is when it is read. Default `none`.
   */
  readonly snapshot?: Snapshot | undefined
  /** Before a backup: its type, and `{ backupId, type }`. If it throws, the backup does not start. */
  readonly onBackupStart?: Hook | undefined
  /** After a backup: its type, and what `backup()` resolves with. */
  readonly onBackupComplete?: Hook | undefined
  /** After a backup that failed: its type, and `{ backupId, error }`. */
  readonly onBackupError?: Hook | undefined
  /** Before a restore: the backup's id, and `{ backupId, options }`. If it throws, the restore does not start. */
  readonly onRestoreStart?: Hook | undefined
  /** After a restore: the backup's id, and what `restore()` resolves with. */
  readonly onRestoreComplete?: Hook | undefined
  /** After a restore that failed: the backup's id, and `{ backupId, error }`. */
  readonly onRestoreError?: Hook | undefined
}

/** The options of a plugin whose drivers and encryption are not known here. */
export interface PluginOptions extends CommonOptions {
  /** The name of a driver, or a driver. Default `'filesystem'`. */
  readonly driver?: string | Driver | undefined
  /** The driver's own options. */
  readonly config?: object | undefined
  /** Who can open the backups. Without it, or with `null`, nothing is encrypted. */
  readonly encryption?: object | null | undefined
}

/** The options, checked, with what stood inside `config` where it belongs. */
export type PluginConfig = Omit<z.output<typeof optionsSchema>, 'compression'> & {
  readonly compression: Compression
  /** The driver's own options. */
  readonly config: Readonly<Record<string, unknown>>
}

function isDriver(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    ['put', 'get', 'list', 'delete'].every((name) => isFunction(Reflect.get(value, name)))
  )
}

const placedSchema = z.looseObject({
  config: z.looseObject({ compression: z.unknown(), retention: z.unknown() }).partial().catch({}),
  retention: z.unknown().optional(),
})

/** Throws one `invalid_options` for everything that is wrong with a plugin's options, those of its policy among it. */
export function checkPluginOptions(input: unknown): void {
  const { config, retention } = placedSchema.safeParse(input).data ?? { config: {}, retention: undefined }
  const policies = [retention, config.retention].filter((policy) => policy !== undefined)
  together('plugin options', [
    () => parseOptions(optionsSchema, input, { what: 'plugin options' }),
    () => parseInner(config),
    ...policies.map((policy) => () => parsePolicy(policy)),
  ])
}

function parseInner({ compression, retention }: Readonly<Record<string, unknown>>) {
  return parseOptions(
    z.strictObject(shared),
    { ...given('compression', compression), ...given('retention', retention) },
    { what: 'plugin options in config' },
  )
}

/**
 * Checks the plugin's options and lifts `config.compression` and `config.retention`, which the documentation
 * also puts there, out of the driver's own options. Throws one `invalid_options` for all problems.
 */
export function parsePluginOptions(input: unknown): PluginConfig {
  checkPluginOptions(input)
  const options = parseOptions(optionsSchema, input, { what: 'plugin options' })
  const { compression, retention, ...config } = options.config ?? {}
  const inner = parseInner({ compression, retention })
  return {
    ...options,
    config,
    compression: options.compression ?? inner.compression ?? 'gzip',
    retention: options.retention ?? inner.retention,
  }
}

function given(name: string, value: unknown): Record<string, unknown> {
  return value === undefined ? {} : { [name]: value }
}
