import { Cron } from 'croner'
import type { ScheduledBackup } from '../options/schedule-options.js'

/** When a scheduled backup, or a drill, is due next. */
export interface NextRun {
  readonly name: string
  readonly cron: string
  /** The type of the backup; `drill` for a drill. */
  readonly type: string
  readonly at: Date
}

/** Why a scheduled backup is made now: it is due, or was due while no process was running. */
export type Occasion = 'due' | 'missed'

export interface ScheduleWork {
  /** Makes one backup for the entries, which agree in all but their name. Never rejects. */
  run(entries: readonly ScheduledBackup[], occasion: Occasion): Promise<void>
  /** The entries that were due since their last backup. Never rejects. */
  missed(entries: readonly ScheduledBackup[]): Promise<readonly ScheduledBackup[]>
}

export interface Schedule {
  /** Begins to wait for the next times. Also looks for what was missed, if `catchUp`. */
  start(catchUp: boolean): void
  /** No backup begins after this. Resolves when the one under way has ended. */
  stop(): Promise<void>
  /** In the order of time. */
  nextRuns(): NextRun[]
}

/**
 * Backups and drills at their times, one after the other: one that is due while another is made waits for it, and one that
 * is due again before it could begin is left out once. The timers keep no process alive.
 */
export function schedule(entries: readonly ScheduledBackup[], work: ScheduleWork): Schedule {
  const times = new Map(entries.map((entry) => [entry, timesOf(entry)]))
  const waiting = new Set<ScheduledBackup>()
  let jobs: readonly Cron[] = []
  let begun = 0
  let last: Promise<void> = Promise.resolve()

  const queue = (due: readonly ScheduledBackup[], occasion: Occasion): void => {
    const fresh = due.filter((entry) => !waiting.has(entry))
    if (fresh.length === 0) return
    for (const entry of fresh) waiting.add(entry)
    const period = begun
    last = last.then(async () => {
      if (period === begun) await work.run(fresh, occasion)
      for (const entry of fresh) waiting.delete(entry)
    })
  }

  return {
    start(catchUp) {
      if (jobs.length > 0) return
      const period = begun
      jobs = entries.map(
        (entry) => new Cron(entry.cron, { ...zoneOf(entry), unref: true }, () => queue([entry], 'due')),
      )
      if (!catchUp || entries.length === 0) return
      last = last.then(async () => {
        const missed = await work.missed(entries)
        if (period === begun) for (const group of alike(missed)) queue(group, 'missed')
      })
    },
    async stop() {
      for (const job of jobs) job.stop()
      jobs = []
      begun += 1
      await last
    },
    nextRuns() {
      return entries
        .flatMap((entry) => {
          const at = times.get(entry)?.nextRun()
          const { name, cron, type } = entry
          return at === null || at === undefined ? [] : [{ name, cron, type, at }]
        })
        .sort((a, b) => a.at.getTime() - b.at.getTime())
    },
  }
}

/** The last time before now that an entry was due. */
export function lastDue(entry: ScheduledBackup, now: Date): Date | undefined {
  return timesOf(entry).previousRuns(1, now)[0]
}

function timesOf(entry: ScheduledBackup): Cron {
  return new Cron(entry.cron, { ...zoneOf(entry), paused: true })
}

function zoneOf({ timezone }: ScheduledBackup): { timezone?: string } {
  return timezone === undefined ? {} : { timezone }
}

/** Entries that the same backup serves. */
function alike(entries: readonly ScheduledBackup[]): ScheduledBackup[][] {
  const groups = new Map<string, ScheduledBackup[]>()
  for (const entry of entries) {
    const key = JSON.stringify([entry.type, entry.call, entry.drill])
    groups.set(key, [...(groups.get(key) ?? []), entry])
  }
  return [...groups.values()]
}
