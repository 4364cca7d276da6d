import type { Control, Destination } from '../backup/backup-run.js'
import { fileKey, manifestFile } from '../format/layout.js'
import { openManifest } from '../format/manifest/manifest-file.js'
import { storedManifestIfAny } from '../format/manifest/stored-manifest.js'
import type { Attempt } from '../inventory/attempt.js'
import type { Call, Driver } from '../ports/driver.js'

/** How long removing one object may take, in ms. */
const longestStep = 10_000

/**
 * Removes the files of one attempt, except those that the manifest names, if there is one by now. A file that cannot be
 * removed stays and does no harm: only files that a manifest names count.
 */
export async function discard(run: Attempt & Destination & Control): Promise<void> {
  const { driver, directory, keys, id, onEvent } = run
  const left = [...keys].reverse()
  try {
    const named = await filesInManifest(driver, directory, inTime())
    for (const key of [...left]) {
      if (!named.has(key.slice(directory.length + 1))) await driver.delete(key, inTime())
      left.splice(left.indexOf(key), 1)
    }
    keys.length = 0
  } catch (error) {
    onEvent({ type: 'leftover', id, keys: left, error })
  }
}

/** The files that a stored manifest names; none if there is no manifest. */
export async function filesInManifest(
  driver: Driver,
  directory: string,
  call: Call,
): Promise<ReadonlySet<string>> {
  const key = fileKey(directory, manifestFile)
  const bytes = await storedManifestIfAny(driver, key, call)
  return new Set(bytes && openManifest(bytes, key).manifest.parts.map(({ file }) => file))
}

/** The work's own signal may have aborted; taking back has its own. */
export function inTime(): Call {
  return { signal: AbortSignal.timeout(longestStep) }
}
