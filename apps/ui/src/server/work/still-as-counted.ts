import { BackupError } from '@s3db-backup/core'
import type { RestoreReport } from '../../api/work.js'

type Counted = Pick<RestoreReport['resources'][number], 'name' | 'replaced' | 'removed'>

/**
 * What a dry run has shown is what somebody agreed to: a restore replaces and removes no more than that.
 *
 * @throws BackupError `conflict` if the database has changed so that it would.
 */
export function checkStillAsCounted(shown: readonly Counted[], now: readonly Counted[]): void {
  const before = new Map(shown.map((one) => [one.name, one]))
  const changes = now.flatMap(({ name, replaced, removed }) => [
    ...more(name, 'replaced', [before.get(name)?.replaced ?? 0, replaced]),
    ...more(name, 'removed', [before.get(name)?.removed ?? 0, removed]),
  ])
  if (changes.length === 0) return
  throw new BackupError(
    'conflict',
    `The database has changed since the dry run; nothing was written. ${changes.join('; ')}`,
    {
      operation: 'restore',
      suggestion: 'Stop what writes to the database, and make a new dry run.',
    },
  )
}

function more(
  name: string,
  what: string,
  [shown, now]: readonly [shown: number, now: number],
): readonly string[] {
  return now > shown ? [`${name}: ${now} records would be ${what}, and the dry run showed ${shown}`] : []
}
