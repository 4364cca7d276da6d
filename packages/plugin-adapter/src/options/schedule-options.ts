import { nearest } from '@s3db-backup/core/internal'
import { Cron } from 'croner'
import * as z from 'zod'
import { type BackupCall, backupCallSchema } from './backup-call.js'
import { type DrillOptions, drillChoices } from './drill-options.js'

/** The type of a line, or the name in the short form, that tries out the newest backup instead of making one. */
export const drillType = 'drill'

/** One line of a schedule: when, and which backup, or that the newest backup is to be tried out. */
export interface ScheduledBackup {
  /** Kept in the backup's metadata, under `schedule`. */
  readonly name: string
  /** Minute, hour, day of month, month, day of week; a sixth field at the front is for seconds. */
  readonly cron: string
  /** An IANA zone such as `Europe/Berlin`. The process's own if left out. */
  readonly timezone: string | undefined
  /** The type of the backup, or `drill`. */
  readonly type: string
  readonly call: BackupCall
  /** How to try the newest backup out, if that is what the line says. */
  readonly drill?: Omit<DrillOptions, 'signal'> | undefined
}

const zone = z.string().refine(isZone, 'must be an IANA time zone such as Europe/Berlin')

const { resources: _resources, exclude: _exclude, ...forDrills } = drillChoices

const entrySchema = backupCallSchema
  .omit({ signal: true, dryRun: true })
  .extend({
    ...forDrills,
    name: z.string().min(1),
    cron: z.string(),
    type: z.string().default('full'),
    timezone: zone.optional(),
  })
  .superRefine((entry, context) => {
    checkCron(entry.cron, context, ['cron'])
    checkType(entry.type, context)
    const misplaced = entry.type === drillType ? forBackups : Object.keys(forDrills)
    for (const name of misplaced) {
      if (Reflect.get(entry, name) === undefined) continue
      const message = entry.type === drillType ? 'is for backups, not for drills' : 'is for drills alone'
      context.addIssue({ code: 'custom', path: [name], message })
    }
  })

const forBackups = [
  'compression',
  'metadata',
  'verification',
  'partitions',
  'since',
  'fullIfNeeded',
  'maxChain',
]

const namedSchema = z.record(z.string().min(1), z.string()).superRefine((entries, context) => {
  for (const [name, cron] of Object.entries(entries)) checkCron(cron, context, [name])
})

/**
 * `{ daily: '0 2 * * *', drill: '0 4 * * 0' }`, where each name is a full backup and `drill` a drill of
 * the newest one, or `[{ name, cron, type, timezone, ... }]` with the options of `backup()`, or of a drill where the
 * type is `drill`.
 */
export const scheduleSchema = z.union([
  namedSchema,
  z.array(entrySchema).refine(namesDiffer, 'each entry needs a name of its own'),
])

/** The values of the option `schedule`. */
export type ScheduleInput = z.input<typeof scheduleSchema>

/** The two forms of the option as one. An unattended incremental backup begins its chain itself. */
export function scheduledBackups(schedule: z.output<typeof scheduleSchema> = {}): ScheduledBackup[] {
  if (!Array.isArray(schedule)) {
    return Object.entries(schedule).map(([name, cron]) => {
      const line = { name, cron, timezone: undefined, call: {} }
      return name === drillType ? { ...line, type: drillType, drill: {} } : { ...line, type: 'full' }
    })
  }
  return schedule.map(
    ({ name, cron, timezone, type, allowPlain, scratch, signedOffBy, ...call }): ScheduledBackup => {
      const line = { name, cron, timezone, type }
      const { resources, exclude } = call
      if (type === drillType)
        return { ...line, call: {}, drill: { resources, exclude, allowPlain, scratch, signedOffBy } }
      return { ...line, call: type === 'incremental' ? { fullIfNeeded: true, ...call } : call }
    },
  )
}

function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}

const types = ['full', 'incremental', 'selective', drillType]

/** A slip must not make a full backup an hour under that name. Any other word is a type of one's own. */
function checkType(type: string, context: z.RefinementCtx): void {
  const hint = types.includes(type) ? '' : nearest(type, types)
  if (hint !== '')
    context.addIssue({ code: 'custom', path: ['type'], message: `is not a backup type${hint}` })
}

function checkCron(cron: string, context: z.RefinementCtx, path: string[]): void {
  try {
    if (new Cron(cron, { paused: true }).nextRun() !== null) return
    context.addIssue({ code: 'custom', path, message: 'never matches a date' })
  } catch {
    context.addIssue({ code: 'custom', path, message: 'must be a cron expression such as "0 2 * * *"' })
  }
}

function namesDiffer(entries: readonly { readonly name: string }[]): boolean {
  return new Set(entries.map(({ name }) => name)).size === entries.length
}
