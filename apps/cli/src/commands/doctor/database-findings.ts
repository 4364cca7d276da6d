import { isBackupError } from '@s3db-backup/core'
import type { Finding } from '@s3db-backup/core/internal'
import { openDatabase } from '../../access/database.js'
import { checkConnection } from '../../config/connection.js'
import type { Settings } from '../../config/settings.js'
import type { Session } from '../../session.js'
import { versionsFinding } from './versions-finding.js'

/** Whether the database that the settings name can be opened, and which of its versions its bucket keeps. */
export async function databaseFindings(session: Session, settings: Settings): Promise<readonly Finding[]> {
  const { connection } = settings
  if (connection === undefined) return []
  session.terminal.redactor.hideConnection(connection)
  try {
    const opened = await openDatabase(checkConnection(connection), session, { mustExist: true })
    try {
      const found: Finding = { check: 'database', level: 'ok', message: 'The database can be opened' }
      if (!/^(s3|https?):\/\//i.test(connection)) return [found]
      return [found, await versionsFinding(session, settings, opened.database)]
    } finally {
      await opened.close()
    }
  } catch (error) {
    if (session.signal.aborted || !isBackupError(error)) throw error
    const { message, suggestion } = error
    return [{ check: 'database', level: 'problem', message, suggestion, error }]
  }
}
