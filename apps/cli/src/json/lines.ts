import * as z from 'zod'
import { error, time } from './values.js'

/** What `schedule` prints, one a line: what happened, when, and what there is to say of it. */
export const scheduled = z.looseObject({ time, event: z.string() })

/** What `ui` prints once it listens. The link opens the page once. */
export const serving = z.strictObject({ event: z.literal('listening'), url: z.string(), link: z.string() })

/** On stderr: why a command failed. `exitCode` is what it exits with. */
export const failed = z.strictObject({
  error: z.union([
    error.extend({ exitCode: z.int() }),
    z.looseObject({ code: z.literal('interrupted'), message: z.string(), exitCode: z.int() }),
  ]),
})

/** On stderr, with `--progress json`, one a line. */
export const progress = z.looseObject({
  event: z.string(),
  phase: z.enum(['listing', 'reading', 'storing', 'reading-back', 'committing', 'checking', 'writing']),
  /** The percentage of the whole work: it never decreases and is never 100. */
  percent: z.int().min(0).max(99).optional(),
  /** Until it is done, by the speed of late, in ms. */
  etaMs: z.int().nonnegative().optional(),
})
