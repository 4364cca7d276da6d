import { BackupError, openCatalog } from '@s3db-backup/core'
import { catalogOf, inventory, isDatedAhead, momentOf } from '@s3db-backup/core/internal'
import type { Running } from '../context/running.js'
import { type DrillContext, drillAndKeep } from '../drill/drill.js'
import { keptDrills } from '../drill/stored-reports.js'
import type { Reporting } from '../events/announce.js'
import type { BackupCall } from '../options/backup-call.js'
import type { Destination } from '../options/destination.js'
import { type DrillOptions, parseDrillOptions } from '../options/drill-options.js'
import { drillType, type ScheduledBackup } from '../options/schedule-options.js'
import { lastDue, type Occasion, type ScheduleWork } from './schedule.js'

/** What a schedule needs from the plugin. */
type ScheduleContext = DrillContext & Reporting & { readonly running: Running }

/** The work of a schedule: drills, and backups whose metadata names the entries that they were made for. */
export function scheduleWork(
  context: ScheduleContext,
  backup: (type: string, call: BackupCall) => Promise<unknown>,
): ScheduleWork {
  return {
    async run(entries, occasion) {
      const [first] = entries
      if (first === undefined) return
      const names = entries.map(({ name }) => name)
      if (first.drill !== undefined) return drillNewest(context, first.drill, names)
      try {
        await backup(first.type, callFor(first, names))
      } catch (error) {
        // The backup itself informed listeners and hooks; nobody else waits for this run.
        context.logger()?.error({ error, schedule: names, occasion }, 'a scheduled backup failed')
        context.announce('plg:backup:schedule-error', { schedule: names, occasion, error })
      }
    },
    async missed(entries) {
      try {
        return await missedIn(context.destination, entries, new Date())
      } catch (error) {
        context.logger()?.warn({ error }, 'missed backups could not be looked for')
        context.announce('plg:backup:schedule-error', {
          schedule: entries.map(({ name }) => name),
          occasion: 'missed' satisfies Occasion,
          error,
        })
        return []
      }
    },
  }
}

function callFor({ call }: ScheduledBackup, names: readonly string[]): BackupCall {
  const [name = ''] = names
  return { ...call, metadata: { ...call.metadata, schedule: names.length === 1 ? name : [...names] } }
}

/**
 * Told from the destination alone: an entry whose newest backup is older than the time it was last due, or for a
 * drill, the newest report. One that has none yet waits for its first time.
 */
async function missedIn(
  { driver }: Destination,
  entries: readonly ScheduledBackup[],
  now: Date,
): Promise<ScheduledBackup[]> {
  const here = await inventory(driver, { now: () => now })
  const { backups } = await catalogOf(here).list()
  const time = await here.storageTime({ signal: never })
  const drills = entries.some(({ type }) => type === drillType)
    ? await keptDrills(driver, { signal: never })
    : []
  const timesOf = ({ name, type }: ScheduledBackup): string[] =>
    type === drillType
      ? drills.map(({ startedAt }) => startedAt)
      : backups
          .filter(({ manifest }) => namesOf(manifest.metadata.schedule).includes(name))
          .map(({ manifest }) => manifest.exportedAt)
  return entries.filter((entry) => {
    const times = timesOf(entry)
    // A run dated in the future shows that there was one, but not when.
    const last = times.find((at) => !isDatedAhead(at, time))
    const due = lastDue(entry, now)
    return times.length > 0 && due !== undefined && (last === undefined || Date.parse(last) < due.getTime())
  })
}

const never = new AbortController().signal

function namesOf(schedule: unknown): readonly unknown[] {
  return Array.isArray(schedule) ? schedule : [schedule]
}

/**
 * Tries out the newest complete backup, and keeps the report at the destination. Tells listeners how it went. Never
 * rejects: nobody waits for it.
 */
async function drillNewest(
  context: ScheduleContext,
  options: Omit<DrillOptions, 'signal'>,
  schedule: readonly string[],
): Promise<void> {
  try {
    const { report, unkept } = await context.running.during('drill', undefined, async (signal) => {
      const call = parseDrillOptions({ ...options, storeReport: true, signal })
      return drillAndKeep(context, await newestComplete(context.destination, signal), call)
    })
    context.announce('plg:backup:drill', { schedule, ...report })
    if (!report.ok) context.logger()?.error({ schedule, id: report.id }, 'a drill found differences')
    if (unkept !== undefined) tellUnkept(context, { schedule, id: report.id, error: unkept })
  } catch (error) {
    context.logger()?.error({ error, schedule }, 'a drill could not be made')
    context.announce('plg:backup:drill-error', { schedule, error })
  }
}

/** A drill whose report could not be stored is not a failed drill. */
function tellUnkept(
  { logger, announce }: Reporting,
  payload: { readonly schedule: readonly string[]; readonly id: string; readonly error: unknown },
): void {
  logger()?.error(payload, 'the report of a drill could not be kept')
  announce('plg:backup:drill-report-error', payload)
}

/** A backup of an earlier moment is not the newest, though it was made last. */
export async function newestComplete(
  { driver }: Pick<Destination, 'driver'>,
  signal: AbortSignal,
): Promise<string> {
  const { backups } = await openCatalog(driver).list({ signal })
  const [newest] = backups
    .filter(({ manifest, datedAhead }) => manifest.status === 'completed' && datedAhead !== true)
    .sort((a, b) => momentOf(b.manifest) - momentOf(a.manifest))
  if (newest !== undefined) return newest.id
  throw new BackupError('not_found', 'There is no complete backup to drill', { operation: 'verify' })
}
