import { BackupError } from '@s3db-backup/core'
import { checkConnectionString } from '@s3db-backup/s3db/internal'

/**
 * Checks the address of the database that a command needs.
 *
 * @throws BackupError `invalid_options`; the message never holds the connection string.
 */
export function checkConnection(connection: string | undefined, option = '--connection'): string {
  if (connection === undefined || connection === '') {
    throw refuse('No database given', `Give ${option} <url> or set S3DB_CONNECTION.`)
  }
  checkConnectionString(connection)
  if (/^memory:/i.test(connection)) {
    throw refuse(
      'A memory:// database exists only inside its own process: this command cannot read it',
      'Use the plugin inside that program instead: await plugin.backup().',
    )
  }
  return connection
}

function refuse(message: string, suggestion: string): BackupError {
  return new BackupError('invalid_options', message, { operation: 'connect', suggestion })
}
