import { BackupError, type OpenedBackup, type Row } from '@s3db-backup/core'
import type { RecordHistory } from '../../api/records.js'
import { problemOf } from '../answer.js'
import type { Page } from '../page.js'
import { fieldChanges } from './field-changes.js'

const versionsShown = 100
/** The limit for all their fields together, in characters. */
const longestHistory = 1_000_000

/** What became of a record from backup to backup, the oldest first. */
export async function recordHistoryOf(
  { opened, signal }: Pick<Page, 'opened' | 'signal'>,
  backup: OpenedBackup,
  { resource: name, id }: { readonly resource: string; readonly id: string },
): Promise<RecordHistory> {
  const versions: RecordHistory['versions'] = []
  let before: Row | undefined
  let told = 0
  for await (const { backupId, exportedAt, change, error } of backup.history(name, id)) {
    signal.throwIfAborted()
    if (versions.length >= versionsShown || told > longestHistory) return { versions, cut: true }
    const about = { backup: backupId, at: exportedAt, change }
    if (change === 'unreadable') {
      versions.push({ ...about, fields: [], error: error === undefined ? null : problemOf(error) })
      continue
    }
    try {
      const now =
        change === 'gone'
          ? undefined
          : await opened.read(backupId, (one) => rowOf(one, { resource: name, id }, signal))
      const fields = fieldChanges(before, now)
      versions.push({ ...about, fields, error: null })
      told += JSON.stringify(fields).length
      before = now
    } catch (problem) {
      if (!(problem instanceof BackupError)) throw problem
      versions.push({ ...about, fields: [], error: problemOf(problem) })
    }
  }
  return { versions, cut: false }
}

/** The record as a backup has it; nothing where the backup does not even have its resource. */
async function rowOf(
  backup: OpenedBackup,
  { resource: name, id }: { readonly resource: string; readonly id: string },
  signal: AbortSignal,
): Promise<Row | undefined> {
  return Object.hasOwn(backup.manifest.resources, name) ? backup.get(name, id, { signal }) : undefined
}
