import { lstat, mkdir } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, isAbsolute, join } from 'node:path'

/** Where this user's programs keep what they can do without, by the XDG base directory specification. */
export function cacheFolder(): string {
  const { XDG_CACHE_HOME: given } = process.env
  // The specification says to ignore a relative path.
  const root = given !== undefined && isAbsolute(given) ? given : join(homedir(), '.cache')
  return join(root, 's3db-backup')
}

/** Makes the folder, for this user alone. Throws if it is not, or cannot be, this user's alone. */
export async function ownFolder(folder: string): Promise<void> {
  await makeFolders(folder)
  const stats = await lstat(folder)
  if (!stats.isDirectory() || !isPrivate(stats)) throw new Error(`${folder} is not this user's alone`)
}

/** Without `recursive`: Node 24 then never ends below `/proc`, where nothing can be made. */
async function makeFolders(folder: string): Promise<void> {
  try {
    await mkdir(folder, { mode: 0o700 })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'EEXIST') return
    const above = dirname(folder)
    if (code !== 'ENOENT' || (await isThere(above))) throw error
    await makeFolders(above)
    await makeFolders(folder)
  }
}

async function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  )
}

/** Whether a file or folder is this user's, and nobody else's. Windows keeps that in its own lists of rights. */
export function isPrivate({ uid, mode }: { readonly uid: number; readonly mode: number }): boolean {
  return process.getuid === undefined || (uid === process.getuid() && (mode & 0o077) === 0)
}
