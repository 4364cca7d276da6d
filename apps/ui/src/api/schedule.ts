import * as z from 'zod'
import { drillSummary } from './home.js'
import { time } from './values.js'

export const scheduleAndLog = z.object({
  now: time,
  lines: z.array(
    z.object({
      name: z.string(),
      type: z.string(),
      cron: z.string(),
      zone: z.string().nullable(),
      next: time.nullable(),
      previous: time.nullable(),
    }),
  ),
  /** The newest first. */
  runs: z.array(
    z.object({
      id: z.string(),
      type: z.string().nullable(),
      at: time.nullable(),
      state: z.string(),
      schedule: z.string().nullable(),
      why: z.string().nullable(),
    }),
  ),
  drills: z.array(drillSummary),
  /** What this process has seen happen, the newest first. */
  log: z.array(
    z.object({ at: time, event: z.string(), text: z.string(), level: z.enum(['good', 'bad', 'plain']) }),
  ),
  /** Whether this process follows the schedule. */
  following: z.boolean(),
})
export type ScheduleAndLog = z.output<typeof scheduleAndLog>
