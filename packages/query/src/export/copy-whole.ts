import { randomUUID } from 'node:crypto'
import { constants, copyFile, link, open, rm } from 'node:fs/promises'
import { errnoOf } from '@s3db-backup/core/internal'

/** File systems that have no hard links say so in one of these ways. */
const noLinks = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EXDEV', 'EACCES'])

/**
 * Copies a file so that the copy has its name only once it is whole and on disk: a process that is killed leaves no file
 * that looks complete. Rejects with `EEXIST` if the name is taken.
 */
export async function copyWhole(from: string, to: string): Promise<void> {
  const unfinished = `${to}.${randomUUID()}.tmp`
  try {
    await copyFile(from, unfinished, constants.COPYFILE_EXCL)
    const file = await open(unfinished, 'r+')
    try {
      await file.sync()
    } finally {
      await file.close()
    }
    await link(unfinished, to).catch((error: unknown) => {
      if (!noLinks.has(errnoOf(error) ?? '')) throw error
      // The best there is without hard links.
      return copyFile(unfinished, to, constants.COPYFILE_EXCL)
    })
  } finally {
    await rm(unfinished, { force: true })
  }
}
