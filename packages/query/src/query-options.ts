import { tmpdir } from 'node:os'
import type { Codec, Driver, Encryption } from '@s3db-backup/core'
import { encryptionSchema, followSignal, isObject, parseOptions } from '@s3db-backup/core/internal'
import * as z from 'zod'

export interface QueryOptions {
  readonly driver: Driver
  /** The backup whose state is asked; of an incremental one with all that it builds on. */
  readonly id: string
  /** Codecs beyond the built-in compressions. */
  readonly codecs?: readonly Codec[] | undefined
  /** Opens encrypted backups. With it, a backup that is not encrypted is refused: anyone could have put it there. */
  readonly encryption?: Encryption | undefined
  /** Also accept backups that are not encrypted. Default `false`. */
  readonly allowPlain?: boolean | undefined
  /** Where the private folder is created that holds the verified content until `close`. Default `os.tmpdir()`. */
  readonly tempDir?: string | undefined
  /** Bytes of memory that a query may use. Default 1 GiB. */
  readonly memoryLimit?: number | undefined
  /**
   * How long a query may work, in ms, without the time that it waits for the reader of its rows. Default five minutes.
   */
  readonly timeout?: number | undefined
  /** Ends every query under way; each then throws `signal.reason`. */
  readonly signal?: AbortSignal | undefined
}

/** The smallest limit that DuckDB works with. */
const leastMemory = 128 * 2 ** 20

const encryption: z.ZodType<Encryption> = encryptionSchema

const optionsSchema = z.strictObject({
  driver: z.custom<Driver>(isObject, 'a driver is needed'),
  id: z.string(),
  codecs: z.array(z.custom<Codec>(isObject, 'must be a codec')).readonly().default([]),
  encryption: encryption.optional(),
  allowPlain: z.boolean().default(false),
  tempDir: z
    .string()
    .min(1)
    .default(() => tmpdir()),
  memoryLimit: z
    .int()
    .min(leastMemory)
    .default(2 ** 30),
  timeout: z
    .int()
    .min(1)
    .max(2 ** 31 - 1)
    .default(300_000),
  signal: z
    .instanceof(AbortSignal)
    .optional()
    .transform((signal) => followSignal(signal)),
})

export type CheckedQueryOptions = z.output<typeof optionsSchema>

export function parseQueryOptions(options: QueryOptions): CheckedQueryOptions {
  return parseOptions(optionsSchema, options, { what: 'query options', operation: 'download' })
}
