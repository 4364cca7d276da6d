import { randomBytes } from 'node:crypto'
import type { Operation } from '../error-table.js'
import { BackupError } from '../errors.js'

/** Characters of the random ending: 36^6 endings a second and type. */
const suffixLength = 6

/**
 * A new id such as `full-2024-03-15T14-30-45-abc123`: the backup's type, its start in UTC, and a random
 * ending that keeps two backups of the same second apart.
 */
export function createBackupId(type: string, startedAt: Date): string {
  return `${type}-${startedAt.toISOString().slice(0, 19).replaceAll(':', '-')}-${randomEnding()}`
}

const madeId = /^(.+)-(\d{4}-\d{2}-\d{2})T(\d{2})-(\d{2})-(\d{2})-[a-z0-9]{6}$/

/** Ids that we generate. Everything in a directory of such a name is ours. */
export function isMadeId(id: string): boolean {
  return madeId.test(id)
}

/** The facts in an id that we made; `undefined` for any other id. */
export function parseBackupId(id: string): { readonly type: string; readonly startedAt: Date } | undefined {
  const [, type, day, hours, minutes, seconds] = madeId.exec(id) ?? []
  const startedAt = new Date(`${day}T${hours}:${minutes}:${seconds}Z`)
  return type === undefined || Number.isNaN(startedAt.getTime()) ? undefined : { type, startedAt }
}

/** The start of a backup from an id that we made, in ms since 1970; `undefined` for any other id. */
export function timeOfId(id: string): number | undefined {
  return parseBackupId(id)?.startedAt.getTime()
}

function randomEnding(): string {
  return BigInt(`0x${randomBytes(8).toString('hex')}`)
    .toString(36)
    .padStart(suffixLength, '0')
    .slice(-suffixLength)
}

/** A backup's type: `full`, `incremental`, or a name of one's own such as `weekly-snapshot`. */
const typePattern = /^[a-z0-9][a-z0-9_-]{0,63}$/i

/** Throws `invalid_options` unless the type can be part of an id. */
export function checkBackupType(type: unknown): asserts type is string {
  if (typeof type === 'string' && typePattern.test(type)) return
  throw new BackupError('invalid_options', `Invalid backup type ${JSON.stringify(type)}`, {
    operation: 'backup',
    suggestion: 'Use full, incremental, selective, or a name of letters, digits, "-" and "_" (at most 64).',
    metadata: { type },
  })
}

/** Ids are also folder names: no separators, no `..`, nothing that a file system or a URL treats specially. */
const idPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/

/** Whether the text can be a backup id at all. */
export function isBackupId(id: unknown): id is string {
  return typeof id === 'string' && idPattern.test(id) && !id.includes('..')
}

/** Throws `invalid_options` unless the text can be a backup id. */
export function checkBackupId(id: unknown, operation: Operation): asserts id is string {
  if (isBackupId(id)) return
  throw new BackupError('invalid_options', `Invalid backup id ${JSON.stringify(id)}`, {
    operation,
    suggestion: 'A backup id looks like full-2024-03-15T14-30-45-abc123; list the backups to see them.',
    metadata: { backupId: id },
  })
}
