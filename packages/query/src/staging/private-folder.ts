import { rmSync } from 'node:fs'
import fs, { rm, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makeFolder, makeTemporaryFolder } from '@s3db-backup/core/internal'
import { folderPrefix, heartbeat, ownerFile, ownerOf } from './folder-owner.js'
import { onPrivateFile } from './private-file.js'
import { sweepFolders } from './sweep-folders.js'

/** A folder of this process alone, for what was verified and decrypted. */
export interface PrivateFolder {
  readonly path: string
  /** Removes it with all that is in it. */
  remove(): Promise<void>
}

/** Folders that go with the process, where it ends without closing them. */
const living = new Set<string>()

let watching = false

/**
 * A new folder below `tempDir` that nobody else may enter. Folders that killed processes have left there are removed
 * first. While it is there its time is kept young: by that others see, who cannot see this process, that it lives.
 */
export async function privateFolder(tempDir: string): Promise<PrivateFolder> {
  await makeFolder(fs, tempDir, purpose)
  await onPrivateFile(tempDir, () => sweepFolders(tempDir))
  const path = await makeTemporaryFolder(fs, tempDir, folderPrefix, purpose)
  living.add(path)
  removeAtExit()
  const owner = join(path, ownerFile)
  const note = JSON.stringify(await ownerOf(process.pid))
  await onPrivateFile(owner, () => writeFile(owner, note, { mode: 0o600, flag: 'wx' }))
  const beat = setInterval(() => {
    const now = new Date()
    // If the folder is gone, the heartbeat ends.
    utimes(owner, now, now).catch(() => clearInterval(beat))
  }, heartbeat)
  beat.unref()
  return {
    path,
    async remove() {
      clearInterval(beat)
      await rm(path, { recursive: true, force: true, maxRetries: 5 })
      living.delete(path)
    },
  }
}

const purpose = {
  what: 'the folder for the content of the backup',
  suggestion: 'Set tempDir, or TMPDIR in the environment, to a folder that this user can write to.',
  operation: 'download',
} as const

function removeAtExit(): void {
  if (watching) return
  watching = true
  process.on('exit', () => {
    for (const path of living) rmSync(path, { recursive: true, force: true })
  })
}
