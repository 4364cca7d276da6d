import { BackupError } from '@s3db-backup/core'
import { mostVersions } from '@s3db-backup/s3db'
import { openDatabase } from '../../access/database.js'
import { openPlugin } from '../../access/open-plugin.js'
import { checkConnection } from '../../config/connection.js'
import type { PlaceOptions } from '../../config/options.js'
import { readSettings } from '../../config/settings.js'
import type { Session } from '../../session.js'
import { changesBetween, printFields } from '../../terminal/field-changes.js'
import { count } from '../../terminal/units.js'
import { wrappedReport } from '../../terminal/wrapped.js'

interface Options extends PlaceOptions {
  readonly connection?: string | undefined
  readonly diff?: boolean | undefined
}

/** `s3db-backup history <resource> <record> --versions`: every version that the bucket keeps of a record. */
export async function historyOfVersions(
  session: Session,
  { resource, id }: { readonly resource: string; readonly id: string },
  options: Options,
): Promise<void> {
  const { terminal, signal } = session
  const settings = await readSettings(options, terminal)
  const connection = checkConnection(settings.connection)
  terminal.redactor.hideConnection(connection)
  const opened = await openDatabase(connection, session, { mustExist: true })
  try {
    const versions = await openPlugin(settings, opened.database).past.versions(resource, id, { signal })
    let before: object | undefined
    const told = versions.map(({ versionId, at, change, row, problem }) => {
      const fields = options.diff === true ? changesBetween(before, row) : undefined
      before = row
      return {
        ...{ versionId, at: at.toISOString(), change },
        ...(problem === undefined ? {} : { problem }),
        ...(fields === undefined ? {} : { fields }),
      }
    })
    if (terminal.json) terminal.document({ resource, id, versions: told })
    else
      for (const { at, change, versionId, problem, fields } of told) {
        const { green, red } = terminal.colors
        const width = terminal.width ?? Number.POSITIVE_INFINITY
        const what = `${at}  ${change === 'written' ? green(change) : red(change)}`
        // A line of its own where the id of the version would break.
        const fits = `${at}  ${change}  ${versionId}`.length <= width
        terminal.print(fits ? `${what}  ${versionId}` : `${what}\n  ${versionId}`)
        if (problem !== undefined) terminal.print(wrappedReport(`  ${problem}`, width))
        printFields(terminal, fields ?? [])
      }
    if (told.length === mostVersions)
      terminal.warn({
        message: `Only the newest ${count(mostVersions)} versions of the record are shown`,
        suggestion: '',
      })
    if (told.length === 0)
      throw new BackupError('not_found', `The bucket has no version of ${resource} ${JSON.stringify(id)}`, {
        operation: 'status',
        suggestion:
          'Check the id. A rule may have removed its versions; history without --versions reads the backups.',
      })
  } finally {
    await opened.close()
  }
}
