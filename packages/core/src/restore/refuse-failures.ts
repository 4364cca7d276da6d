import { BackupError } from '../errors.js'
import type { WriteReport } from '../ports/target.js'
import type { RestoreResult } from './restore-result.js'

/** Throws `incomplete` for what could not be restored. */
export function refuseFailures(result: RestoreResult, reports: ReadonlyMap<string, WriteReport>): void {
  const { id, notFound } = result
  const failed = Object.fromEntries(
    [...reports]
      .filter(([, report]) => report.failed.length > 0)
      .map(([name, report]) => [name, report.failed]),
  )
  const count = Object.values(failed).reduce((sum, records) => sum + records.length, 0)
  const refused = [...reports].flatMap(([name, report]) =>
    report.refused === undefined ? [] : [{ name, ...report.refused }],
  )
  const missing = [...reports].flatMap(([name, { shortfalls = [] }]) =>
    shortfalls.filter((shortfall) => shortfall.missing).map(({ reason, ids }) => ({ name, reason, ids })),
  )
  const problems = [
    ...refused.map(
      ({ name, reason, records }) =>
        `The resource ${JSON.stringify(name)} with ${records} records could not be restored: ${reason}`,
    ),
    ...missing.map(
      ({ name, reason, ids }) => `${name}: ${reason}${ids.length === 0 ? '' : ` (${listed(ids)})`}`,
    ),
    ...(count === 0 ? [] : [`${count} records of backup '${id}' could not be restored`]),
    ...(notFound.length === 0 ? [] : [`Backup '${id}' has no record ${listed(notFound)} in the selection`]),
  ]
  if (problems.length === 0) return
  throw new BackupError('incomplete', problems.join('; '), {
    operation: 'restore',
    suggestion: whatToDo({ failed: count > 0, refused: refused.length > 0, missing: missing.length > 0 }),
    metadata: {
      backupId: id,
      failed,
      notFound,
      result,
      ...(refused.length === 0 ? {} : { refused }),
    },
  })
}

interface Problems {
  readonly failed: boolean
  readonly refused: boolean
  readonly missing: boolean
}

function whatToDo({ failed, refused, missing }: Problems): string {
  const elsewhere = refused ? ['Restore the refused records into a database that accepts them.'] : []
  if (failed)
    return [
      'metadata.failed names each record and the reason. Fix the cause and run the restore again.',
      ...elsewhere,
    ].join(' ')
  if (missing) return 'Compare the database with the backup (drill), and restore what is missing elsewhere.'
  return refused
    ? 'Everything else was restored. Restore these into a database that accepts them.'
    : 'Check the chosen ids and resources. Everything else was restored.'
}

/** The first few ids, and how many more there are. */
function listed(ids: readonly string[]): string {
  const some = ids.slice(0, 5).map((id) => JSON.stringify(id))
  const more = ids.length - some.length
  return more === 0 ? some.join(', ') : `${some.join(', ')} and ${more} more`
}
