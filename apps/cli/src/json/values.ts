import { isAbsolute } from 'node:path'
import * as z from 'zod'

/* Values that several documents have. The schemas are written to `schemas/` for those who read the JSON; the command itself does
 * not use them. */

/** ISO 8601, UTC. */
export const time = z.iso.datetime()

/** A whole number from 0. */
export const amount = z.int().nonnegative()

/** A path or an address that means the same in every directory. */
export const place = z
  .string()
  .refine((text) => isAbsolute(text) || /^[a-z][a-z0-9+.-]*:/i.test(text), 'must be absolute')

/** By resource, or by the owner of objects that are not records. */
export const byName = <T extends z.ZodType>(value: T) => z.record(z.string(), value)

/** What went wrong: `code` says the cause, `suggestion` what to do. */
export const error = z.looseObject({
  name: z.string(),
  code: z.string(),
  message: z.string(),
  suggestion: z.string(),
  operation: z.string(),
  statusCode: z.int(),
  retriable: z.boolean(),
  metadata: z.record(z.string(), z.unknown()),
})

/** A record that is not there, and why. */
export const lostRecord = z.looseObject({ id: z.string(), reason: z.string() })

/** What records that were written lack. */
export const shortfall = z.strictObject({
  reason: z.string(),
  records: amount,
  ids: z.array(z.string()),
  /** The records themselves are not there. */
  missing: z.literal(true).optional(),
})

export const warning = z.strictObject({
  code: z.string(),
  driver: z.string(),
  message: z.string(),
  suggestion: z.string(),
  metadata: z.record(z.string(), z.unknown()),
})
