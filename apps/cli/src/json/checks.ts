import * as z from 'zod'
import { amount, byName, error, time } from './values.js'

/** What `verify` prints of one backup. */
export const verified = z.strictObject({
  id: z.string(),
  level: z.enum(['quick', 'stored', 'full']),
  ok: z.boolean(),
  ancestors: z.array(z.string()),
  files: amount,
  bytes: amount,
  records: amount,
  copies: z
    .array(z.strictObject({ id: z.string(), directory: z.string(), complete: z.boolean() }))
    .optional(),
  problems: z.array(error),
})

/** What `verify --level restore` prints. */
export const drill = z.looseObject({
  format: z.literal('s3db-backup-drill/1'),
  id: z.string(),
  level: z.literal('restore'),
  ok: z.boolean(),
  startedAt: time,
  duration: z.number(),
  durations: z.strictObject({ restore: z.number(), compare: z.number() }),
  chain: z.array(z.string()),
  selection: z.strictObject({ resources: z.array(z.string()).nullable(), exclude: z.array(z.string()) }),
  scratch: z.enum(['disk', 'memory', 'database']),
  versions: z.strictObject({ backup: z.string(), s3db: z.string().nullable(), node: z.string() }),
  resources: byName(
    z.looseObject({ records: amount, compared: amount, different: amount, examples: z.array(z.string()) }),
  ),
  problems: z.array(error),
  signOff: z.looseObject({}),
})

/** What `verify --last` prints. */
export const validated = z.strictObject({
  timestamp: time,
  level: z.string(),
  totalBackups: amount,
  passed: amount,
  failed: amount,
  errors: amount,
  validations: z.array(
    z.strictObject({
      backupId: z.string(),
      timestamp: time,
      overall: z.enum(['pass', 'fail', 'error']),
      problems: z.array(z.string()),
      code: z.string().optional(),
    }),
  ),
})

/** What `verify --everywhere` prints. */
export const replicas = z.strictObject({
  id: z.string(),
  ok: z.boolean(),
  replicas: z.array(
    z.strictObject({
      name: z.string(),
      state: z.enum(['whole', 'damaged', 'orphaned', 'missing', 'unreachable']),
      report: verified.optional(),
      error: error.optional(),
    }),
  ),
})

/** What `doctor` prints. */
export const doctor = z.strictObject({
  ok: z.boolean(),
  findings: z.array(
    z.strictObject({
      check: z.string(),
      level: z.enum(['ok', 'note', 'problem']),
      message: z.string(),
      suggestion: z.string().optional(),
      error: error.optional(),
      destination: z.string().optional(),
    }),
  ),
})

/** What `check-driver` prints. */
export const checkedDriver = z.looseObject({
  driver: z.string(),
  passed: amount,
  failed: amount,
  skipped: amount,
  leftovers: z.array(z.string()),
  cases: z.array(
    z.looseObject({
      id: z.string(),
      title: z.string(),
      status: z.enum(['passed', 'failed', 'skipped']),
      duration: z.number(),
      reason: z.string().optional(),
    }),
  ),
})

/** What `diff` prints, one a line. */
export const difference = z.strictObject({
  resource: z.string(),
  id: z.string(),
  change: z.enum(['added', 'changed', 'removed']),
  /** With --live, of a record that changed: values as JSON, left out where the record does not have the field. */
  fields: z
    .array(z.strictObject({ field: z.string(), from: z.string().optional(), to: z.string().optional() }))
    .optional(),
})

/** What `diff --summary` prints. */
export const differences = z.strictObject({
  from: z.string(),
  to: z.string(),
  resources: byName(z.strictObject({ added: amount, changed: amount, removed: amount })),
})

/** What `notify test` prints. */
export const notified = z.strictObject({
  deliveries: z.array(
    z.strictObject({
      to: z.enum(['heartbeat', 'webhook']),
      event: z.enum(['start', 'success', 'failure']),
      ok: z.boolean(),
      attempts: amount,
      status: z.int().nullable(),
      reason: z.string().nullable(),
    }),
  ),
})
