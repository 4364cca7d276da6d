import type { BackupPlugin } from '@s3db-backup/plugin'
import { Cron } from 'croner'

/** A line of the schedule, and the times around now at which it is due. */
export interface ScheduleLine {
  readonly name: string
  readonly type: string
  readonly cron: string
  readonly zone: string | null
  readonly previous: Date | undefined
  readonly next: Date | undefined
}

/** The schedule in the plugin's options, whichever process runs it. */
export function scheduleLines(
  { config: { schedule } }: Pick<BackupPlugin, 'config'>,
  now: Date,
): ScheduleLine[] {
  const lines = Array.isArray(schedule)
    ? schedule.map(({ name, cron, type, timezone }) => ({ name, cron, type, zone: timezone ?? null }))
    : Object.entries(schedule ?? {}).map(([name, cron]) => ({
        ...{ name, cron, zone: null },
        type: name === 'drill' ? 'drill' : 'full',
      }))
  return lines.map((line) => {
    const times = new Cron(line.cron, {
      paused: true,
      ...(line.zone === null ? {} : { timezone: line.zone }),
    })
    return { ...line, previous: times.previousRuns(1, now)[0], next: times.nextRun(now) ?? undefined }
  })
}
