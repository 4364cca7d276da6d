import { type Call, firstKeyPart, keyFilesOf, keyGeneration } from '@s3db-backup/core'
import type { Replica } from './multi-driver.js'
import type { Whereabouts } from './survey.js'

/**
 * Brings the key files of an encrypted backup to a replica that lacks some of them. A rotation adds key files
 * after the backup was made, so they are copied as they lie at another replica, byte for byte; each is
 * authenticated by itself when it is opened. They come from the replica with the newest one alone: what it has
 * no more was rotated away, and must not spread again. Does nothing for a backup that is not encrypted.
 */
export async function copyKeyFiles(backup: Whereabouts, to: Replica, call: Call): Promise<void> {
  if (firstKeyPart(backup.copies[0].entry.manifest) === undefined) return
  const there = await keyFilesOf(to.driver, backup.directory, call)
  const newest = await newestKeyFiles(backup, to, call)
  if (newest === undefined || generationOf(newest.files) <= generationOf(there)) return
  for (const file of newest.files) {
    const key = `${backup.directory}/${file}`
    if (!there.includes(file)) await to.driver.put(key, newest.replica.driver.get(key, call), call)
  }
}

interface KeyFiles {
  readonly replica: Replica
  /** Newest first. */
  readonly files: readonly string[]
}

async function newestKeyFiles(
  { directory, copies }: Whereabouts,
  to: Replica,
  call: Call,
): Promise<KeyFiles | undefined> {
  let newest: KeyFiles | undefined
  for (const { replica } of copies) {
    if (replica === to) continue
    const files = await keyFilesOf(replica.driver, directory, call)
    if (generationOf(files) > generationOf(newest?.files ?? [])) newest = { replica, files }
  }
  return newest
}

function generationOf([newest]: readonly string[]): number {
  return newest === undefined ? 0 : (keyGeneration(newest) ?? 0)
}
