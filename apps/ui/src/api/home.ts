import * as z from 'zod'
import { time } from './values.js'

/** Something that an operator should look at. */
export const concern = z.object({
  level: z.enum(['bad', 'warn']),
  text: z.string(),
  /** The backup that it is about. */
  backup: z.string().nullable(),
})
export type Concern = z.output<typeof concern>

/** A moment of a series: a backup that can, or cannot, be restored. */
export const moment = z.object({
  id: z.string(),
  at: time,
  type: z.string(),
  parent: z.string().nullable(),
  bytes: z.number(),
  duration: z.number(),
  restorable: z.boolean(),
})
export type Moment = z.output<typeof moment>

/** Backups of the same database and selection. */
export const series = z.object({
  key: z.string(),
  name: z.string(),
  newest: moment.nullable(),
  oldest: time.nullable(),
  /** Those that can be restored. */
  restorable: z.number(),
  /** Of those, the ones that no key here opens. */
  locked: z.number(),
  count: z.number(),
  /** In its schedule. */
  schedule: z.string().nullable(),
  dueBefore: time.nullable(),
  dueNext: time.nullable(),
  overdue: z.boolean(),
  /** The oldest first: the last 200. */
  moments: z.array(moment),
})
export type Series = z.output<typeof series>

export const drillSummary = z.object({ at: time, ok: z.boolean(), key: z.string() })

/** Whether it can be restored, from when, and whether anybody has tried. */
export const home = z.object({
  now: time,
  /** When the destination was looked at. */
  lookedAt: time,
  /** Whether it is current. If not, it is being read again. */
  fresh: z.boolean(),
  /** `locked`: all that can be restored is encrypted, and no key here opens it. */
  answer: z.enum(['yes', 'partly', 'locked', 'no', 'nothing']),
  series: z.array(series),
  concerns: z.array(concern),
  lastDrill: drillSummary.nullable(),
  lastGoodDrill: drillSummary.nullable(),
  running: z.array(z.string()),
  /** Bytes at the destination, of all backups. */
  bytes: z.number(),
  backups: z.number(),
})
export type Home = z.output<typeof home>
