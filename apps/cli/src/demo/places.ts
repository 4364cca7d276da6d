import { mkdir, mkdtemp, readdir, realpath } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { BackupError } from '@s3db-backup/core'
import { cannotWrite } from '../access/output-files.js'

/** Where the demo keeps what. */
export interface Places {
  readonly folder: string
  readonly database: string
  readonly backups: string
  readonly restored: string
}

async function makeFolder(dir: string | undefined): Promise<string> {
  const prefix = join(tmpdir(), 's3db-backup-demo-')
  try {
    if (dir === undefined) return await mkdtemp(prefix)
    await mkdir(dir, { recursive: true })
    return resolve(dir)
  } catch (cause) {
    throw cannotWrite(dir ?? prefix, cause)
  }
}

/** A folder that is new or empty, with room for all of it. Throws `conflict` for any other. */
export async function choosePlaces(dir: string | undefined): Promise<Places> {
  const folder = await makeFolder(dir)
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
