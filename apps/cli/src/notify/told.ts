import { isBackupError } from '@s3db-backup/core'
import { errorTable } from '@s3db-backup/core/internal'
import type { PluginBackup } from '@s3db-backup/plugin-adapter'
import type { Notification, Told } from './notification.js'

type Made = Pick<PluginBackup, 'id' | 'type' | 'records' | 'compressed' | 'duration'>

/** The facts about a backup that may be sent to others. */
export function toldOf(made: Made, verified: boolean | null): NonNullable<Notification['backup']> {
  const { id, type, records, compressed, duration } = made
  return { id, type, records, bytes: compressed, durationMs: duration, verified }
}

/** A cause and what it means: messages may quote what a storage said, or name records. */
export function failureOf(error: unknown): NonNullable<Notification['error']> {
  const code = isBackupError(error) ? error.code : 'internal'
  return { code, meaning: errorTable[code].meaning }
}

export const interrupted: NonNullable<Notification['error']> = {
  code: 'interrupted',
  meaning: 'The work was stopped by a signal.',
}

/** With `--strict` a warning is a failure here, too. */
export function endOf(warnings: number, strict: boolean): Pick<Told, 'event' | 'warnings' | 'error'> {
  return strict && warnings > 0
    ? { event: 'failure', warnings, error: { code: 'incomplete', meaning: errorTable.incomplete.meaning } }
    : { event: 'success', warnings, error: null }
}
