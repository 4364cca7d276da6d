import type { Dirent } from 'node:fs'
import { lstat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Operation } from '@s3db-backup/core'
import { entriesOf } from './entries.js'
import { fileError, isErrno } from './errors.js'
import { isName, lookBelow } from './place.js'
import { isStranger } from './strangers.js'

/** A regular file below the root. */
export interface Found {
  readonly key: string
  readonly path: string
  /** The last segment of the key. */
  readonly name: string
  readonly bytes: number
  /** When it was last written, in ms since 1970. */
  readonly modified: number
  /** Tells one state of the file from another: its inode, when it was last written (in ns), and its size. */
  readonly stamp: string
}

interface Walk {
  readonly root: string
  readonly prefix: string
  readonly operation: Operation
  readonly signal: AbortSignal
  /** Called with files that are skipped because they belong to the file system or another program. */
  readonly onStranger?: ((path: string) => void) | undefined
}

interface Walking extends Walk {
  /** How many directories may still be opened before their turn. */
  readonly ahead: { free: number }
}

/**
 * Every regular file whose key begins with the prefix, in no order. Directories are read entry by entry, so memory does
 * not grow with their number; those that cannot hold a match are not entered. Symbolic links are skipped, and so are
 * the files that file systems and other programs keep for themselves: snapshots hold everything again, and a
 * `lost+found` nobody may read. What vanishes meanwhile is passed by too, because it no longer exists.
 */
export async function* walk(walking: Walk): AsyncGenerator<Found> {
  const { root, prefix, operation, signal } = walking
  signal.throwIfAborted()
  const segments = prefix.split('/').slice(0, -1)
  if (!segments.every(isName) || segments.some(isStranger)) return
  const start = join(root, ...segments)
  const { kind } = await lookBelow(root, start, operation)
  if (kind !== 'directory') return
  yield* walkDirectory(start, segments.map((segment) => `${segment}/`).join(''), {
    ...walking,
    ahead: { free: mostAhead },
  })
}

/** Entries that are looked at side by side. One after the other, a large directory takes several times as long. */
const together = 64
/** Directories that are opened before their turn: a backup has one, and they are small. */
const mostAhead = 8

async function* walkDirectory(directory: string, above: string, walking: Walking): AsyncGenerator<Found> {
  for await (const entries of batches(entriesOf(directory, walking.operation))) {
    walking.signal.throwIfAborted()
    yield* await filesOf(entries, directory, above, walking)
    const below = entries.flatMap((entry) => {
      const key = `${above}${entry.name}/`
      const leads = key.startsWith(walking.prefix) || walking.prefix.startsWith(key)
      if (!entry.isDirectory() || !leads || isStranger(entry.name)) return []
      return [() => walkDirectory(join(directory, entry.name), key, walking)]
    })
    yield* inTurn(below, walking)
  }
}

/**
 * What several walks find, one after the other. The next few are begun meanwhile, each as far as its first file. How many
 * are ahead is counted over the whole walk: in a tree of folders each of them would begin as many again.
 */
async function* inTurn(
  walks: readonly (() => AsyncGenerator<Found>)[],
  { signal, ahead }: Walking,
): AsyncGenerator<Found> {
  const begun: { readonly walk: AsyncGenerator<Found>; readonly first: Promise<IteratorResult<Found>> }[] = []
  let next = 0
  const begin = () => {
    for (; next < walks.length && (begun.length === 0 || ahead.free > 0); next++) {
      const walk = walks[next]?.()
      if (walk === undefined) return
      if (begun.length > 0) ahead.free -= 1
      const first = walk.next()
      // The failure is thrown when its turn comes.
      first.catch(() => undefined)
      begun.push({ walk, first })
    }
  }
  try {
    for (begin(); begun[0] !== undefined; begin()) {
      const { walk, first } = begun[0]
      const found = await first
      signal.throwIfAborted()
      begin()
      if (found.done !== true) {
        yield found.value
        yield* walk
      }
      begun.shift()
      if (begun.length > 0) ahead.free += 1
    }
  } finally {
    ahead.free += Math.max(0, begun.length - 1)
    await Promise.all(begun.map(({ walk }) => walk.return(undefined)))
  }
}

/** The regular files among some entries of a directory, with what is known of them. */
async function filesOf(
  entries: readonly Dirent[],
  directory: string,
  above: string,
  { prefix, operation, onStranger }: Walk,
): Promise<Found[]> {
  const files = await Promise.all(
    entries.map(async (entry) => {
      const { name } = entry
      const [key, path] = [above + name, join(directory, name)]
      if (isStranger(name)) {
        if (key.startsWith(prefix)) onStranger?.(path)
        return undefined
      }
      if (!entry.isFile() || !key.startsWith(prefix)) return undefined
      const found = await measure(path, operation)
      return found && { key, path, name, ...found }
    }),
  )
  return files.filter((file) => file !== undefined)
}

async function* batches(entries: AsyncIterable<Dirent>): AsyncGenerator<Dirent[]> {
  let batch: Dirent[] = []
  for await (const entry of entries) {
    batch.push(entry)
    if (batch.length < together) continue
    yield batch
    batch = []
  }
  yield batch
}

async function measure(
  path: string,
  operation: Operation,
): Promise<Pick<Found, 'bytes' | 'modified' | 'stamp'> | undefined> {
  try {
    const stats = await lstat(path, { bigint: true })
    if (!stats.isFile()) return undefined
    const { ino, mtimeNs, size } = stats
    return { bytes: Number(size), modified: Number(stats.mtimeMs), stamp: `${ino}-${mtimeNs}-${size}` }
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined
    throw fileError(error, { path, operation })
  }
}
