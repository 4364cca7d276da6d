import fs, { lstat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { makeFolder } from '@s3db-backup/core/internal'

/** Where this user's programs keep what they can do without, by the XDG base directory specification. */
export function cacheFolder(): string {
  const { XDG_CACHE_HOME: given } = process.env
  // The specification says to ignore a relative path.
  const root = given !== undefined && isAbsolute(given) ? given : join(homedir(), '.cache')
  return join(root, 's3db-backup')
}

/** Makes the folder, for this user alone. Throws if it is not, or cannot be, this user's alone. */
export async function ownFolder(folder: string): Promise<void> {
  await makeFolder(fs, folder, purpose)
  const stats = await lstat(folder)
  if (!stats.isDirectory() || !isPrivate(stats)) throw new Error(`${folder} is not this user's alone`)
}

const purpose = {
  what: 'the cache of manifests',
  suggestion: 'Set XDG_CACHE_HOME to a folder that this user can write to.',
  operation: 'list',
} as const

/** Whether a file or folder is this user's, and nobody else's. Windows keeps that in its own lists of rights. */
export function isPrivate({ uid, mode }: { readonly uid: number; readonly mode: number }): boolean {
  return process.getuid === undefined || (uid === process.getuid() && (mode & 0o077) === 0)
}
