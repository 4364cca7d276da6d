import { lstat, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { folderPrefix, heartbeat, isAlive, ownerFile, ownerSchema } from './folder-owner.js'

/** So long after its last sign of life a process counts as gone that cannot be seen from here. */
const longestSilence = 60 * heartbeat

/** Removes the folders that processes of the same user have left which do not run any more. */
export async function sweepFolders(tempDir: string): Promise<void> {
  const names = await readdir(tempDir)
  for (const name of names.filter((other) => other.startsWith(folderPrefix))) {
    const path = join(tempDir, name)
    if (await isLeft(path)) await rm(path, { recursive: true, force: true, maxRetries: 5 })
  }
}

async function isLeft(path: string): Promise<boolean> {
  try {
    const folder = await lstat(path)
    if (!folder.isDirectory() || folder.uid !== (process.getuid?.() ?? folder.uid)) return false
    const { mtimeMs } = await lstat(join(path, ownerFile)).catch(() => folder)
    const silent = Date.now() - mtimeMs > longestSilence
    const text = await readFile(join(path, ownerFile), 'utf8').catch(() => undefined)
    // Without the note the folder is being created right now, or was abandoned at that moment.
    const owner = text === undefined ? undefined : ownerSchema.safeParse(parse(text))
    if (owner?.success !== true) return silent
    return (await isAlive(owner.data).then((alive) => (alive === undefined ? undefined : !alive))) ?? silent
  } catch {
    // Its owner or another sweep has removed it meanwhile.
    return false
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
