import * as z from 'zod'
import { time } from './values.js'

/** How far back the versions reach that the bucket of the database keeps. */
export const reach = z.object({
  /** `none`: the database is not in a bucket. `unasked`: the bucket did not answer; see `why`. */
  versions: z.enum(['enabled', 'suspended', 'off', 'unknown', 'none', 'unasked']),
  /** Every moment since can be brought back. */
  since: time.nullable(),
  /** Days after which a rule removes what was overwritten; `null` if none does. */
  days: z.number().nullable(),
  /** Versioning was turned on after the database was made. */
  late: z.boolean(),
  why: z.string().nullable(),
})
export type Reach = z.output<typeof reach>

/** Which backups each of several destinations has. */
export const presence = z.object({
  places: z.array(
    z.object({
      name: z.string(),
      ids: z.array(z.string()),
      /** Why it could not be asked. */
      error: z.string().nullable(),
    }),
  ),
})
export type Presence = z.output<typeof presence>
