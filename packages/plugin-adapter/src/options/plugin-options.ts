import { type Compression, type Driver, defaultGrace, parseOptions } from '@s3db-backup/core'
import { type Database, isDatabase } from '@s3db-backup/s3db'
import * as z from 'zod'
import { compressionSchema } from './backup-call.js'
import { scheduleSchema } from './schedule-options.js'

/** A hook of the user's: the backup's type (or the id that is restored), and what is known. May be async. */
export type Hook = (subject: string, details: Readonly<Record<string, unknown>>) => unknown

export type HookName = `on${'Backup' | 'Restore'}${'Start' | 'Complete' | 'Error'}`

const isFunction = (value: unknown): boolean => typeof value === 'function'
const hook = z.custom<Hook>(isFunction, 'must be a function').optional()

/** Options that the documentation has at the top level and inside `config` alike. */
const shared = {
  compression: compressionSchema.optional(),
  retention: z.record(z.string(), z.json()).optional(),
}

/** The levels of pino, which s3db.js logs with. */
export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

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
  onBackupStart: hook,
  onBackupComplete: hook,
  onBackupError: hook,
  onRestoreStart: hook,
  onRestoreComplete: hook,
  onRestoreError: hook,
})

/** What `new BackupPlugin(options)` takes. */
export type PluginOptions = z.input<typeof optionsSchema>

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

/**
 * Checks the plugin's options and lifts `config.compression` and `config.retention`, which the documentation
 * also puts there, out of the driver's own options. Throws one `invalid_options` for all problems.
 */
export function parsePluginOptions(input: unknown): PluginConfig {
  const options = parseOptions(optionsSchema, input, { what: 'plugin options' })
  const { compression, retention, ...config } = options.config ?? {}
  const inner = parseOptions(
    z.strictObject(shared),
    { ...given('compression', compression), ...given('retention', retention) },
    { what: 'plugin options in config' },
  )
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
