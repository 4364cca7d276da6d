import * as z from 'zod'
import { drillSummary } from './home.js'
import { time } from './values.js'

export const scheduleAndLog = z.object({
  now: time,
  /** A sentence, if backups were here before and none is left. */
  gone: z.string().nullable(),
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
  /** The answers of notification receivers in this process, newest first. */
  notified: z.array(
    z.object({ at: time, to: z.string(), event: z.string(), ok: z.boolean(), said: z.string() }),
  ),
  /** Whether this process sends notifications. */
  notifies: z.boolean(),
  /** What this process has seen happen, the newest first. */
  log: z.array(
    z.object({ at: time, event: z.string(), text: z.string(), level: z.enum(['good', 'bad', 'plain']) }),
  ),
  /** Whether this process follows the schedule. */
  following: z.boolean(),
})
export type ScheduleAndLog = z.output<typeof scheduleAndLog>

/** A report that a drill has left at the destination. */
export const keptDrill = z.object({
  key: z.string(),
  backup: z.string(),
  ok: z.boolean(),
  at: time,
  duration: z.number(),
  chain: z.array(z.string()),
  scratch: z.string(),
  by: z.string().nullable(),
  signed: z.boolean(),
  resources: z.array(
    z.object({
      name: z.string(),
      records: z.number(),
      compared: z.number(),
      different: z.number(),
      examples: z.array(z.string()),
    }),
  ),
  problems: z.array(z.string()),
})
export type KeptDrill = z.output<typeof keptDrill>
