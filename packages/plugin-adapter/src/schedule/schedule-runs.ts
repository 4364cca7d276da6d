import { openCatalog } from '@s3db-backup/core'
import type { PluginContext } from '../context/plugin-context.js'
import { keptDrills } from '../drill/stored-reports.js'
import type { BackupCall } from '../options/backup-call.js'
import { drillType, type ScheduledBackup } from '../options/schedule-options.js'
import { lastDue, type Occasion, type ScheduleWork } from './schedule.js'
import { drillNewest } from './scheduled-drill.js'

/** What a schedule does with the plugin: drills, and backups whose metadata names the entries that they were made for. */
export function scheduleWork(
  context: PluginContext,
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
        // Listeners and hooks were told by the backup itself; nobody else waits for this one.
        context.logger()?.error({ error, schedule: names, occasion }, 'a scheduled backup failed')
        context.announce('plg:backup:schedule-error', { schedule: names, occasion, error })
      }
    },
    async missed(entries) {
      try {
        return await missedIn(context, entries, new Date())
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
  { destination }: PluginContext,
  entries: readonly ScheduledBackup[],
  now: Date,
): Promise<ScheduledBackup[]> {
  const { driver } = destination
  const { backups } = await openCatalog(driver).list()
  const drills = entries.some(({ type }) => type === drillType)
    ? await keptDrills(driver, { signal: never })
    : []
  const lastOf = ({ name, type }: ScheduledBackup): string | undefined =>
    type === drillType
      ? drills[0]?.startedAt
      : backups.find(({ manifest }) => namesOf(manifest.metadata.schedule).includes(name))?.manifest
          .exportedAt
  return entries.filter((entry) => {
    const last = lastOf(entry)
    const due = lastDue(entry, now)
    return last !== undefined && due !== undefined && Date.parse(last) < due.getTime()
  })
}

const never = new AbortController().signal

function namesOf(schedule: unknown): readonly unknown[] {
  return Array.isArray(schedule) ? schedule : [schedule]
}
