import * as z from 'zod'
import { problem, time } from './values.js'

const counts = z.object({
  name: z.string(),
  restored: z.number(),
  replaced: z.number(),
  skipped: z.number(),
  removed: z.number(),
  failed: z.number(),
  reason: z.string().nullable(),
  /** `part`: the work ended while it was written. `none`: it was not begun. */
  written: z.enum(['all', 'part', 'none']),
  /** Of a part: records that reached the database at most, and those that the backup has, if that is known. */
  upTo: z.number().nullable(),
  expected: z.number().nullable(),
  /** Records that failed, the first of them. */
  failures: z.array(z.object({ id: z.string(), reason: z.string() })),
  /** What is otherwise than a restore leaves it: records that stayed, references that are missing. Sentences. */
  notes: z.array(z.string()),
})

/** The result of a restore, or of a dry run. */
export const restoreReport = z.object({
  kind: z.enum(['restore', 'dry-run']),
  backup: z.string(),
  target: z.string(),
  mode: z.enum(['skip', 'merge', 'replace']),
  resources: z.array(counts),
  sample: z.array(
    z.object({
      resource: z.string(),
      id: z.string(),
      change: z.enum(['added', 'changed', 'removed']),
      fields: z.array(
        z.object({ field: z.string(), from: z.string().nullable(), to: z.string().nullable() }),
      ),
    }),
  ),
  /** Why the sample is missing or incomplete. */
  sampleNote: z.string().nullable(),
  /** The name to type to start it. */
  name: z.string(),
})
export type RestoreReport = z.output<typeof restoreReport>

export const verifyReport = z.object({
  kind: z.literal('verify'),
  backup: z.string(),
  level: z.string(),
  ok: z.boolean(),
  files: z.number(),
  bytes: z.number(),
  records: z.number(),
  ancestors: z.array(z.string()),
  problems: z.array(problem),
})
export type VerifyReport = z.output<typeof verifyReport>

export const drillReport = z.object({
  kind: z.literal('drill'),
  backup: z.string(),
  ok: z.boolean(),
  at: time,
  duration: z.number(),
  scratch: z.string(),
  resources: z.array(
    z.object({ name: z.string(), records: z.number(), compared: z.number(), different: z.number() }),
  ),
  problems: z.array(problem),
  /** Whether the report lies at the destination. */
  stored: z.boolean(),
})
export type DrillReport = z.output<typeof drillReport>

export const jobState = z.enum(['running', 'done', 'failed', 'stopped'])

/** Something that takes its time. */
export const job = z.object({
  id: z.string(),
  kind: z.enum(['verify', 'drill', 'dry-run', 'restore']),
  title: z.string(),
  backup: z.string(),
  by: z.string(),
  state: jobState,
  startedAt: time,
  endedAt: time.nullable(),
  /** The current phase. */
  phase: z.string().nullable(),
  progress: z.array(z.object({ name: z.string(), done: z.number(), of: z.number().nullable() })),
  /** The result; of work that failed or was stopped, what it had done by then. */
  report: z.union([restoreReport, verifyReport, drillReport]).nullable(),
  error: problem.nullable(),
  /** A dry run that was used to start a restore: its id. */
  startedJob: z.string().nullable(),
})
export type Job = z.output<typeof job>

export const jobList = z.object({ jobs: z.array(job) })

export const verifyRequest = z.strictObject({
  id: z.string().max(200),
  level: z.enum(['quick', 'stored', 'full']),
})
export const drillRequest = z.strictObject({ id: z.string().max(200) })
export const stopRequest = z.strictObject({ id: z.string().max(100) })

/** The content to restore, and the target. */
export const dryRunRequest = z.strictObject({
  /** A backup, or a moment: the newest backup of that time or earlier. */
  backup: z.string().max(200).optional(),
  at: z.iso.datetime({ offset: true }).optional(),
  resources: z.array(z.string().max(1024)).max(1000).optional(),
  ids: z.array(z.string().max(2048)).max(1000).optional(),
  mode: z.enum(['skip', 'merge', 'replace']),
  /** A connection string; left out: the database that the server was started with. */
  target: z.string().min(1).max(2048).optional(),
})
export type DryRunRequest = z.output<typeof dryRunRequest>

/** Starts what a dry run has shown. */
export const restoreRequest = z.strictObject({ dryRun: z.string().max(100), name: z.string().max(2048) })
