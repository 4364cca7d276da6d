import type { Dirent } from 'node:fs'
import fs, { opendir, rm, unlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeTemporaryFolder } from '@s3db-backup/core/internal'
import type { ScratchFolder } from '@s3db-backup/plugin-adapter'

/**
 * A new folder in `tempDir`, or where the system keeps such, that only this user may look into (mode 0700).
 *
 * @throws BackupError by cause, naming `tempDir`, if it cannot be made there.
 */
export async function scratchFolder({
  tempDir = tmpdir(),
}: {
  readonly tempDir?: string | undefined
}): Promise<ScratchFolder> {
  const path = await makeTemporaryFolder(fs, tempDir, 's3db-backup-drill-', purpose)
  return { path, remove: () => removeFolder(path) }
}

const purpose = {
  what: 'the folder of the drill',
  suggestion: 'Set tempDir, or TMPDIR in the environment, to a folder that this user can write to.',
  operation: 'verify',
} as const

/** Files that are removed at once. */
const together = 64

/**
 * Removes a folder and all that is in it. A database in files has two files for each record: Node's `rm` would hold all of
 * their names and a promise for each, 490 MiB for 200,000 files. What is left of them is for `rm`, which tells of failures.
 */
async function removeFolder(path: string): Promise<void> {
  await removeFiles(path).catch(() => undefined)
  await rm(path, { recursive: true, force: true })
}

async function removeFiles(directory: string): Promise<void> {
  let some: Dirent[] = []
  for await (const entry of await opendir(directory, { bufferSize: together })) {
    some.push(entry)
    if (some.length < together) continue
    await removeEach(directory, some)
    some = []
  }
  await removeEach(directory, some)
}

async function removeEach(directory: string, entries: readonly Dirent[]): Promise<void> {
  const files = entries.filter((entry) => !entry.isDirectory())
  await Promise.all(files.map(({ name }) => unlink(join(directory, name))))
  for (const entry of entries) if (entry.isDirectory()) await removeFiles(join(directory, entry.name))
}
