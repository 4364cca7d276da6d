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
 * Checks a connection string before s3db.js sees it: s3db.js quotes in full what it cannot read, and takes some of
 * what it should refuse for something else (`file://` for a folder of its own choosing, `ftp://` for S3).
 *
 * @throws BackupError `invalid_options`; the message never holds the connection string.
 */
export function checkConnectionString(text: string): void {
  const [, scheme, rest = ''] = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/is.exec(text) ?? []
  if (scheme === undefined) throw refuse('The connection string has no scheme://', formsHint())
  if (!schemes.includes(scheme.toLowerCase())) {
    throw refuse(
      `s3db.js does not support connection strings that start with ${scheme}://${nearest(scheme, schemes)}`,
      formsHint(),
    )
  }
  if (rest === '' || rest === '/') throw refuse('The connection string names no database', formsHint())
  if (!URL.canParse(text)) {
    throw refuse(
      'The connection string cannot be read',
      `${formsHint()} A "/", "+", "@" or "%" in a key or secret has to be percent-encoded: %2F, %2B, %40, %25.`,
    )
  }
}

function formsHint(): string {
  return `Expected one of ${forms.join(', ')}.`
}

function refuse(message: string, suggestion: string): BackupError {
  return new BackupError('invalid_options', message, { operation: 'connect', suggestion })
}
