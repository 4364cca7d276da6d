import { BackupError } from '@s3db-backup/core'
import type { PlaceOptions } from './options.js'

/** What this command reads from the environment. */
const variables = [
  ...['S3DB_CONNECTION', 'S3DB_BACKUP_PATH', 'S3DB_BACKUP_DRIVER', 'S3DB_BACKUP_CONFIG', 'S3DB_BACKUP_KEY'],
  ...['S3DB_BACKUP_NEW_KEY', 'S3DB_BACKUP_SIGNING_KEY'],
  ...['S3DB_BACKUP_STORAGE_CLASS', 'S3DB_BACKUP_SSE', 'S3DB_BACKUP_KMS_KEY_ID'],
]

/** Options, and the variables that they may come from. */
const options = [
  ['connection', '--connection', 'S3DB_CONNECTION'],
  ['path', '--path', 'S3DB_BACKUP_PATH'],
  ['driver', '--driver', 'S3DB_BACKUP_DRIVER'],
  ['config', '--config', 'S3DB_BACKUP_CONFIG'],
  ['keyFile', '--key-file', undefined],
  ['keyCommand', '--key-command', undefined],
] as const

/**
 * Refuses what is given and says nothing: `--path "$BACKUPS"` where nobody has set it, or a key that a secret store did
 * not have. As "not set" it would mean another folder, or a backup that is not encrypted.
 */
export function checkNotEmpty(
  given: PlaceOptions & { readonly connection?: string | undefined },
  environment: Readonly<Record<string, string | undefined>>,
): void {
  const empty = variables.filter((name) => environment[name]?.trim() === '')
  const typed = options
    .filter(([name, , variable]) => given[name] === '' && !empty.some((one) => one === variable))
    .map(([, option]) => option)
  const all = [...empty, ...typed]
  if (all.length === 0) return
  throw new BackupError(
    'invalid_options',
    `${all.join(', ')} ${all.length === 1 ? 'is' : 'are'} set but empty`,
    {
      operation: 'validateConfig',
      suggestion: 'Give a value, or unset it. Nothing was read or written.',
      metadata: { empty: all },
    },
  )
}
