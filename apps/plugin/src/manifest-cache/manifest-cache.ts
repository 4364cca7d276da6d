import { createHash } from 'node:crypto'
import { utimes } from 'node:fs/promises'
import { join } from 'node:path'
import type { ManifestCache, StampedObject } from '@s3db-backup/core/internal'
import { cacheFolder, ownFolder } from './cache-folder.js'
import { type CacheLimits, defaultLimits, evicting } from './eviction.js'
import { type PrivateFile, readPrivate, writePrivate } from './manifest-file.js'

export interface ManifestCacheOptions {
  /** Tells the destination from all others. Nothing: it is not known, and nothing is kept. */
  readonly identity: () => string | undefined
  /** Default `$XDG_CACHE_HOME/s3db-backup`, else `~/.cache/s3db-backup`. */
  readonly folder?: string | undefined
  readonly limits?: CacheLimits | undefined
}

/** The longest manifest that is kept, in bytes: one of these should not evict all the others. */
const longest = 16 * 1024 * 1024

/** A file that was not used for so long is marked as used, in ms: a day. */
const restamping = 24 * 60 * 60 * 1000

/**
 * Manifests of one destination, each in a file of its own that only this user may read, as it is stored: an encrypted
 * one stays encrypted. What goes wrong with these files is of no consequence, so nothing here rejects: a folder that
 * cannot be made, a full disk, a file that somebody else has written, all mean that the manifest is read from the
 * destination.
 */
export function manifestCache({
  identity,
  folder: given,
  limits = defaultLimits,
}: ManifestCacheOptions): ManifestCache {
  let opening: Promise<Opened> | undefined
  const open = () => {
    opening ??= openFolder(identity(), given, limits)
    return opening
  }
  return {
    async get(object) {
      try {
        const path = (await open()).pathOf(object)
        const file = await readPrivate(path, object.bytes)
        if (file !== undefined) await markUsed(path, file)
        return file?.bytes
      } catch {
        return undefined
      }
    },
    async put(object, bytes) {
      if (bytes.byteLength > longest) return
      try {
        const { pathOf, added } = await open()
        await writePrivate(pathOf(object), bytes)
        await added(bytes.byteLength)
      } catch {
        // It is read from the destination again next time.
      }
    },
  }
}

interface Opened {
  pathOf(object: StampedObject): string
  added(bytes: number): Promise<void>
}

async function openFolder(
  destination: string | undefined,
  given: string | undefined,
  limits: CacheLimits,
): Promise<Opened> {
  if (destination === undefined) throw new Error('The destination has no name of its own')
  const own = given ?? cacheFolder()
  const folder = join(own, 'manifests')
  await ownFolder(own)
  await ownFolder(folder)
  return {
    pathOf: ({ key, stamp }) => join(folder, nameOf(destination, key, stamp)),
    added: evicting(folder, limits),
  }
}

/** A name that reveals neither a bucket nor a path. */
function nameOf(...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}

/** Not each time: a list would write as often as it reads. */
async function markUsed(path: string, { used }: PrivateFile): Promise<void> {
  const now = new Date()
  if (now.getTime() - used > restamping) await utimes(path, now, now)
}
