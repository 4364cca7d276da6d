import { BackupError, type Call } from '@s3db-backup/core'
import type { FileReads } from './file-database.js'

type Folder = Pick<FileReads, 'database' | 'files'>

/** Throws `unavailable` if the folder of the database is gone: without it, none of its files is there either. */
export async function checkThere({ database: { root }, files }: Folder, call: Call): Promise<void> {
  if ((await files.stat(root, call)) === undefined) throw gone(root)
}

/** Throws `unavailable` if there is a file where the folder of the database should be. */
export async function checkFolder({ database: { root }, files }: Folder, call: Call): Promise<void> {
  const found = await files.stat(root, call)
  if (found === undefined || found.isDirectory()) return
  throw new BackupError('unavailable', `The database's location, ${root}, is a file and not a folder`, {
    suggestion: 'Check that the path is right.',
    metadata: { wholeStorage: true, path: root },
  })
}

function gone(root: string): BackupError {
  return new BackupError('unavailable', `The folder of the database, ${root}, does not exist`, {
    suggestion: 'Check that its disk is mounted and that the path is right.',
    metadata: { wholeStorage: true, path: root, missing: true },
  })
}
