import type { BackupErrorDetails } from '@s3db-backup/core'
import { BackupError, errorTable, isBackupError, operationTable } from '@s3db-backup/core/messages'

/** For an id that no finished backup has. */
export const howToList = "Check the id; 's3db-backup list' shows the backups."

/** Names in the advice for programs, and their equivalents in the command. */
const names: readonly (readonly [RegExp, string])[] = [
  [/^.*backupPlugin\.list\(\).*$/, howToList],
  [/^List the backups and check the id\.$/, howToList],
  [
    /^Give the option encryption with the key that the backup was made with\.$/,
    'Give --key-file or --key-command, or set S3DB_BACKUP_KEY.',
  ],
  [
    /^Look at the plan in a dry run\. If that is intended, allow it with force\.$/,
    'Without --apply the plan is shown. If that is intended, add --force.',
  ],
  [/^Invalid options of listBackups\(\): startDate: /, 'Invalid --since: '],
  [/^Invalid options of listBackups\(\): endDate: /, 'Invalid --until: '],
  [/^(Invalid --(?:since|until): must be a date .*)$/, '$1, or a distance such as "26 hours ago"'],
  [/delete it with force/g, 'add --force'],
  [/allow it \(allowPlain\)/g, 'allow it with --allow-plain'],
  [/(?<![-\w])force deletes/g, '--force deletes'],
  [/(?<!\w)keygen\(\)/g, 's3db-backup keygen'],
]

/** An error of the library, whose words are for programs, in the words of the command line. */
export function inTheCommandsWords(error: BackupError): BackupError {
  const { operation, driver, description, statusCode, retriable, metadata, cause } = error
  const message = renamed(error.message)
  const suggestion = renamed(adviceOf(error))
  if (message === error.message) return error.with({ suggestion })
  const details = { operation, driver, description, statusCode, retriable, metadata, cause }
  return new BackupError(error.code, message, { ...details, suggestion })
}

function renamed(text: string): string {
  return names.reduce((words, [call, name]) => words.replace(call, name), text)
}

/** The advice of the first failed destination, and its name. */
function adviceOfDestinations({ metadata, driver }: BackupError): string | undefined {
  const { destinations } = metadata
  if (driver !== 'multi' || !Array.isArray(destinations)) return undefined
  return destinations.map(adviceOfDestination).find((advice) => advice !== undefined)
}

/** Read without a schema, because a typing error should not load the schema library. */
function adviceOfDestination(destination: unknown): string | undefined {
  if (typeof destination !== 'object' || destination === null) return undefined
  if (!('name' in destination && 'error' in destination) || !isBackupError(destination.error))
    return undefined
  return `${String(destination.name)}: ${renamed(adviceOf(destination.error))}`
}

/**
 * The advice for the command. An operation's general advice does not help if something is in the way or access is
 * refused.
 */
function adviceOf(error: BackupError): string {
  const { code, operation, driver, suggestion } = error
  if (suggestion.includes('error.metadata.destinations')) return adviceOfDestinations(error) ?? suggestion
  const general: Partial<BackupErrorDetails> = operationTable[operation]
  if (suggestion !== general.suggestion) return suggestion
  if (code === 'not_found' && driver === 'filesystem')
    return 'That folder cannot be created: give another one to --path.'
  return code === 'permission_denied' || code === 'conflict' ? errorTable[code].suggestion : suggestion
}
