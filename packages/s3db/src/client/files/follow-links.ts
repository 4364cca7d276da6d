import { BackupError, type Call } from '@s3db-backup/core'
import type { Disk } from './disk.js'

/** A link in a folder of a database, and how it was reached. */
interface FoundLink {
  readonly link: string
  /** The folders on the way to it, the outermost first. */
  readonly way: readonly string[]
  /** Whether what is asked for lies behind it. */
  readonly needed: boolean
}

/**
 * Whether a link leads to a folder, such as one that was moved to another disk, and not back to the way to it. Throws
 * `unavailable` if a link that is needed leads to nothing.
 */
export async function leadsToFolder(
  files: Disk,
  { link, way, needed }: FoundLink,
  call: Call,
): Promise<boolean> {
  const there = await files.stat(link, call)
  if (there === undefined && needed) throw leadsNowhere(link)
  if (there === undefined || !there.isDirectory()) return false
  // Some file systems give every file the number 0. A circle of links then ends with an error of the system's own.
  if (there.ino === 0) return true
  for (const folder of way) {
    const passed = await files.stat(folder, call)
    if (passed?.ino === there.ino && passed.dev === there.dev) return false
  }
  return true
}

function leadsNowhere(link: string): BackupError {
  return new BackupError('unavailable', `The link ${link} in the database leads to nothing`, {
    suggestion: 'Check that the disk that it leads to is mounted.',
    metadata: { path: link },
  })
}
