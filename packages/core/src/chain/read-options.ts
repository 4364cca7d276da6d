import * as z from 'zod'
import { isObject } from '../options.js'
import type { Codec } from '../ports/codec.js'
import type { Driver } from '../ports/driver.js'
import { type Encryption, encryptionSchema } from '../ports/encryption.js'
import { followSignal } from '../streams/follow-signal.js'

/** What every operation is given that reads backups. */
export interface ReadOptions {
  readonly driver: Driver
  /** Codecs beyond the built-in compressions. */
  readonly codecs?: readonly Codec[] | undefined
  /** Opens encrypted backups. With it, a backup that is not encrypted is refused: anyone could have put it there. */
  readonly encryption?: Encryption | undefined
  /** Accept backups that are not encrypted. Default `false`. */
  readonly allowPlain?: boolean | undefined
  /** Aborts the operation, which then throws `signal.reason`. */
  readonly signal?: AbortSignal | undefined
}

/** What {@link ReadOptions} are checked against, in the schema of each operation. */
export const readOptions = {
  driver: z.custom<Driver>(isObject, 'a driver is needed'),
  codecs: z.array(z.custom<Codec>(isObject, 'must be a codec')).readonly().default([]),
  encryption: encryptionSchema.optional(),
  allowPlain: z.boolean().default(false),
  signal: z
    .instanceof(AbortSignal)
    .optional()
    .transform((signal) => followSignal(signal)),
}
