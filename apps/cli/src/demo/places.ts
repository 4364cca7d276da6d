import { mkdir, mkdtemp, readdir, realpath } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { BackupError } from '@s3db-backup/core'

/** Where the demo keeps what. */
export interface Places {
  readonly folder: string
  readonly database: string
  readonly backups: string
  readonly restored: string
}

/** A folder that is new or empty, with room for all of it. Throws `conflict` for any other. */
export async function choosePlaces(dir: string | undefined): Promise<Places> {
  if (dir !== undefined) await mkdir(dir, { recursive: true })
  const folder = dir === undefined ? await mkdtemp(join(tmpdir(), 's3db-backup-demo-')) : resolve(dir)
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

/** The options of the demo's plugin. */
export function settingsFor({ backups }: Places) {
  return {
    connection: undefined,
    metadata: {},
    plugin: { driver: 'filesystem', config: { path: backups } },
  }
}
