import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats } from 'node:fs'
import { open } from 'node:fs/promises'
import { BackupError } from '@s3db-backup/core'

/**
 * Opening a pipe would wait until somebody writes into it. Windows has no such flag, and no such pipes. A regular file is
 * read as ever.
 */
const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)

/** The whole of a file. A pipe or a device could be without end. @throws BackupError `corrupt` for what is no file. */
export function readAtOnce(path: string): Buffer {
  const file = openSync(path, flags)
  try {
    checkRegular(path, fstatSync(file))
    return readFileSync(file)
  } finally {
    closeSync(file)
  }
}

/** The same, without holding up anything else. */
export async function read(path: string, signal: AbortSignal): Promise<Buffer> {
  const file = await open(path, flags)
  try {
    checkRegular(path, await file.stat())
    return await file.readFile({ signal })
  } finally {
    await file.close()
  }
}

function checkRegular(path: string, found: Stats): void {
  if (found.isFile()) return
  throw new BackupError('corrupt', `${path} is ${kindOf(found)}, not a file`, {
    suggestion: 'Find out what put it into the folder of the database, and remove it.',
    metadata: { path, wholeStorage: false },
  })
}

function kindOf(found: Stats): string {
  if (found.isDirectory()) return 'a folder'
  return found.isFIFO() ? 'a pipe' : 'a device'
}
