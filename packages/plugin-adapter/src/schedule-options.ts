import { Cron } from 'croner'
import * as z from 'zod'
import { type BackupCall, backupCallSchema } from './backup-call.js'

/** One line of a schedule: when, and which backup. */
export interface ScheduledBackup {
  /** Kept in the backup's metadata, under `schedule`. */
  readonly name: string
  /** Minute, hour, day of month, month, day of week; a sixth field at the front is for seconds. */
  readonly cron: string
  /** An IANA zone such as `Europe/Berlin`. The process's own if left out. */
  readonly timezone: string | undefined
  readonly type: string
  readonly call: BackupCall
}

const zone = z.string().refine(isZone, 'must be an IANA time zone such as Europe/Berlin')

const entrySchema = backupCallSchema
  .omit({ signal: true, dryRun: true })
  .extend({
    name: z.string().min(1),
    cron: z.string(),
    type: z.string().default('full'),
    timezone: zone.optional(),
  })
  .superRefine(({ cron }, context) => checkCron(cron, context, ['cron']))

const namedSchema = z.record(z.string().min(1), z.string()).superRefine((entries, context) => {
  for (const [name, cron] of Object.entries(entries)) checkCron(cron, context, [name])
})

/**
 * `{ daily: '0 2 * * *' }`, where each name stands for a full backup, or `[{ name, cron, type, timezone, ... }]`
 * with the options of `backup()`.
 */
export const scheduleSchema = z.union([
  namedSchema,
  z.array(entrySchema).refine(namesDiffer, 'each entry needs a name of its own'),
])

/** The two forms of the option as one. An unattended incremental backup begins its chain itself. */
export function scheduledBackups(schedule: z.output<typeof scheduleSchema> = {}): ScheduledBackup[] {
  if (!Array.isArray(schedule)) {
    return Object.entries(schedule).map(([name, cron]) => ({
      name,
      cron,
      timezone: undefined,
      type: 'full',
      call: {},
    }))
  }
  return schedule.map(({ name, cron, timezone, type, ...call }) => ({
    name,
    cron,
    timezone,
    type,
    call: type === 'incremental' ? { fullIfNeeded: true, ...call } : call,
  }))
}

function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}

function checkCron(cron: string, context: z.RefinementCtx, path: string[]): void {
  try {
    if (new Cron(cron, { paused: true }).nextRun() !== null) return
    context.addIssue({ code: 'custom', path, message: 'is a time that never comes' })
  } catch {
    context.addIssue({ code: 'custom', path, message: 'must be a cron expression such as "0 2 * * *"' })
  }
}

function namesDiffer(entries: readonly { readonly name: string }[]): boolean {
  return new Set(entries.map(({ name }) => name)).size === entries.length
}
