import type { Manifest } from '../../manifest.js'
import { keyGeneration } from '../key-files.js'
import { failedFile, isDecision, startedFile } from '../layout.js'

/**
 * The size of a backup, in bytes, wherever one is reported: its stored parts, including its first key file, and its
 * manifest. Notes beside it, and later key files, are not counted.
 */
export function storedSize({
  manifest,
  manifestBytes,
}: {
  readonly manifest: Pick<Manifest, 'parts'>
  readonly manifestBytes: number
}): number {
  return manifest.parts.reduce((sum, { bytes }) => sum + bytes, manifestBytes)
}

/** Whether a file of a backup's directory counts for {@link storedSize}. Asked where no manifest can be read, too. */
export function countsForSize(file: string): boolean {
  const generation = keyGeneration(file)
  if (file === startedFile || file === failedFile || isDecision(file)) return false
  return generation === undefined || generation === 1
}
