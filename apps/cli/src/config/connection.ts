import { BackupError } from '@s3db-backup/core'
import { nearest } from '@s3db-backup/core/internal'

const schemes = ['s3', 'https', 'http', 'file', 'memory', 'sqlite', 'sqlite+libsql', 'sqlite+d1', 'reddb']

const forms = [
  's3://KEY:SECRET@bucket/path',
  'https://KEY:SECRET@host:9000/bucket/path',
  'file:///absolute/path',
  'file://./relative/path',
]

/**
 * Checks a connection string before s3db.js sees it: what s3db.js cannot read it quotes in full, and some of
 * what it should refuse it takes for something else (`file://` for a folder of its own choosing).
 *
 * @throws BackupError `invalid_options`; the message never holds the connection string.
 */
export function checkConnection(connection: string | undefined, option = '--connection'): string {
  if (connection === undefined || connection === '') {
    throw refuse('No database given', `Give ${option} <url> or set S3DB_CONNECTION.`)
  }
  const [, scheme, rest = ''] = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/is.exec(connection) ?? []
  if (scheme === undefined) throw refuse('The connection string has no scheme://', formsHint())
  if (!schemes.includes(scheme.toLowerCase())) {
    throw refuse(
      `s3db.js does not support connection strings that start with ${scheme}://${nearest(scheme, schemes)}`,
      formsHint(),
    )
  }
  if (scheme === 'memory') {
    throw refuse(
      'A memory:// database exists only inside its own process: this command cannot read it',
      'Use the plugin inside that program instead: await plugin.backup().',
    )
  }
  if (rest === '' || rest === '/') throw refuse('The connection string names no database', formsHint())
  if (!URL.canParse(connection)) {
    throw refuse(
      'The connection string cannot be read',
      `${formsHint()} A "/", "+", "@" or "%" in a key or secret has to be percent-encoded: %2F, %2B, %40, %25.`,
    )
  }
  return connection
}

function formsHint(): string {
  return `Expected one of ${forms.join(', ')}.`
}

function refuse(message: string, suggestion: string): BackupError {
  return new BackupError('invalid_options', message, { operation: 'connect', suggestion })
}
