import { lstat, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'

/** How much a cache may hold. */
export interface CacheLimits {
  readonly files: number
  readonly bytes: number
}

/** Some ten thousand manifests of the usual size. */
export const defaultLimits: CacheLimits = { files: 20_000, bytes: 256 * 1024 * 1024 }

/** The share that is left after an eviction, so that not every added file evicts another. */
const share = 0.8

interface Kept {
  readonly path: string
  readonly bytes: number
  /** When it was written, or used after more than a day, in ms since 1970. */
  readonly used: number
}

/** Keeps count of a folder's files; beyond the limits, those go that were not used for longest. */
export function evicting(folder: string, limits: CacheLimits): (added: number) => Promise<void> {
  let files: number | undefined
  let bytes = 0
  return async (added) => {
    if (files === undefined) {
      const kept = await filesIn(folder)
      files = kept.length
      bytes = sizeOf(kept)
    } else {
      files += 1
      bytes += added
    }
    if (files <= limits.files && bytes <= limits.bytes) return
    const left = await evict(await filesIn(folder), limits)
    files = left.length
    bytes = sizeOf(left)
  }
}

async function evict(kept: readonly Kept[], limits: CacheLimits): Promise<Kept[]> {
  const left = [...kept].sort((a, b) => b.used - a.used)
  let bytes = sizeOf(left)
  while (left.length > share * limits.files || bytes > share * limits.bytes) {
    const oldest = left.pop()
    if (oldest === undefined) break
    await rm(oldest.path, { force: true })
    bytes -= oldest.bytes
  }
  return left
}

async function filesIn(folder: string): Promise<Kept[]> {
  const kept: Kept[] = []
  for (const name of await readdir(folder)) {
    const path = join(folder, name)
    // Another process may have evicted it just now.
    const stats = await lstat(path).catch(() => undefined)
    if (stats?.isFile()) kept.push({ path, bytes: stats.size, used: stats.mtimeMs })
  }
  return kept
}

function sizeOf(kept: readonly Kept[]): number {
  return kept.reduce((sum, { bytes }) => sum + bytes, 0)
}
