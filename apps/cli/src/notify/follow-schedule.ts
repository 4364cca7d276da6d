import type { BackupPlugin } from '@s3db-backup/plugin'
import type { Notifier } from './notifier.js'
import { endOf, failureOf, interrupted, toldOf } from './told.js'

/** Tells how the backups and drills of a schedule go, and what its policy removes. */
export function tellOfSchedule(
  plugin: BackupPlugin,
  { tell }: Notifier,
  given: {
    readonly strict: boolean
    /** Whether the schedule is being stopped: what fails then was ended on purpose. */
    readonly stopping: () => boolean
    /** Whether a backup is read back, by the note that names its entries. */
    readonly verifies: (schedule: unknown) => boolean
  },
): void {
  const causeOf = (error: unknown) => (given.stopping() ? interrupted : failureOf(error))
  plugin.on('plg:backup:start', () => tell({ event: 'start', operation: 'backup' }))
  plugin.on('plg:backup:complete', (made) =>
    tell({
      ...endOf(made.warnings?.length ?? 0, given.strict),
      operation: 'backup',
      schedule: namesIn(made.metadata.schedule),
      backup: toldOf(made, given.verifies(made.metadata.schedule)),
    }),
  )
  plugin.on('plg:backup:schedule-error', ({ schedule, error }) =>
    tell({ event: 'failure', operation: 'backup', schedule: [...schedule], error: causeOf(error) }),
  )
  plugin.on('plg:backup:drill', ({ schedule, id, ok, duration, problems: [problem] }) =>
    tell({
      event: ok ? 'success' : 'failure',
      operation: 'drill',
      schedule: [...schedule],
      backup: { id, type: null, records: null, bytes: null, durationMs: duration, verified: ok },
      error: ok ? null : failureOf(problem),
    }),
  )
  plugin.on('plg:backup:drill-error', ({ schedule, error }) =>
    tell({ event: 'failure', operation: 'drill', schedule: [...schedule], error: causeOf(error) }),
  )
  plugin.on('plg:backup:cleanup', ({ count, purged }) =>
    tell({ event: 'success', operation: 'prune', removed: count + purged.length }),
  )
  plugin.on('plg:backup:cleanup-error', ({ error }) =>
    tell({ event: 'failure', operation: 'prune', error: failureOf(error) }),
  )
}

function namesIn(schedule: unknown): string[] {
  const names: readonly unknown[] = Array.isArray(schedule) ? schedule : [schedule]
  return names.filter((name) => typeof name === 'string')
}
