import fs, { readdir, realpath } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { BackupError } from '@s3db-backup/core'
import { makeFolder, makeTemporaryFolder } from '@s3db-backup/core/internal'

/** Where the demo keeps what. */
export interface Places {
  readonly folder: string
  readonly database: string
  readonly backups: string
  readonly restored: string
}

/**
 * A folder that is new or empty, with room for all of it.
 *
 * @throws BackupError `conflict` for any other; by cause if it cannot be made.
 */
export async function choosePlaces(dir: string | undefined): Promise<Places> {
  const folder = await makePlace(dir)
  const [something] = await readdir(folder)
  if (something !== undefined) {
    throw new BackupError('conflict', `${folder} is not empty (${something})`, {
      suggestion: 'Give --dir a new or empty folder.',
      metadata: { path: folder },
    })
  }
  const real = await realpath(folder)
  const [database, backups, restored] = ['database', 'backups', 'restored'] as const
  return {
    folder: real,
    database: join(real, database),
    backups: join(real, backups),
    restored: join(real, restored),
  }
}

/** The folder that was given, for whom the umask allows; else a temporary one for this user alone. */
async function makePlace(dir: string | undefined): Promise<string> {
  const what = 'the folder of the demo'
  if (dir === undefined) {
    const suggestion = 'Give a folder with --dir, or set TMPDIR to one that this user can write to.'
    return makeTemporaryFolder(fs, tmpdir(), 's3db-backup-demo-', { what, suggestion, operation: 'backup' })
  }
  const folder = resolve(dir)
  const suggestion = 'Give another folder with --dir.'
  await makeFolder(fs, folder, { what, suggestion, operation: 'backup' }, 0o777)
  return folder
}

/** The options of the demo's plugin. */
export function settingsFor({ backups }: Places) {
  return {
    connection: undefined,
    metadata: {},
    plugin: { driver: 'filesystem', config: { path: backups } },
  }
}
