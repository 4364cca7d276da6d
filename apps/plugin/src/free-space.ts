import { statfs } from 'node:fs/promises'
import type { Finding } from '@s3db-backup/core/internal'

/** Less than this part of a disk is little. */
const little = 0.05

/** How much space the file system of an existing directory has left. */
export async function freeSpace(path: string): Promise<Finding> {
  const { bavail, bsize, blocks } = await statfs(path)
  const free = Math.floor((bavail * bsize) / 1024 ** 2)
  const message = `${path} has ${free} MiB of free space`
  if (bavail >= blocks * little) return { check: 'space', level: 'ok', message }
  return {
    check: 'space',
    level: 'note',
    message,
    suggestion: 'Free some space, or let retention keep fewer backups.',
  }
}
