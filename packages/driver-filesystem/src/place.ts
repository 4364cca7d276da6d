import { lstat, stat } from 'node:fs/promises'
import { dirname, join, sep } from 'node:path'
import { BackupError, type Operation } from '@s3db-backup/core'
import { isErrno, problem, touching } from './errors.js'
import type { PassedBy } from './strangers.js'
import type { Support } from './support.js'
import { isTemporary } from './temporary.js'

/** Where a driver keeps its files, and with which rights. */
export interface Place {
  /** The root, absolute. It, and what is above it, may be or contain symbolic links; below it none is followed. */
  readonly root: string
  /** Mode of finished files. */
  readonly permissions: number
  /** Mode of directories that are made. */
  readonly directoryPermissions: number
  /** Directories that were just created, until their names are durable. Writers of files in them wait for that. */
  readonly arriving: Map<string, Promise<void>>
  /** The features that the file system was found to lack. */
  readonly support: Support
  /** What listings passed by because it is not ours. */
  readonly passedBy: PassedBy
}

/** What exists at a path. */
export type Kind = 'directory' | 'file' | 'link' | 'other' | 'missing'

/** The file that a key stands for. Throws `invalid_options` for a key that could lead out of the root. */
export function fileOf(root: string, key: string, operation: Operation): string {
  const segments = key.split('/')
  if (segments.every(isName) && !isTemporary(segments.at(-1) ?? '')) return join(root, ...segments)
  throw new BackupError('invalid_options', `Invalid object key ${JSON.stringify(key)}`, {
    operation,
    driver: 'filesystem',
    metadata: { key },
  })
}

/** Whether a segment of a key can be the name of a file, on any system. */
export function isName(segment: string): boolean {
  return segment !== '' && segment !== '.' && segment !== '..' && !/[/\\\0]/.test(segment)
}

/** The directories from the top of the file system down to the given one. */
export function waysDown(directory: string): string[] {
  const above = dirname(directory)
  return above === directory ? [directory] : [...waysDown(above), directory]
}

/** The directories below the root that lead to the path, outermost first. Neither the root nor the path is one. */
export function directoriesBetween(root: string, path: string): string[] {
  return waysDown(dirname(path)).filter((directory) => isBelow(root, directory))
}

/**
 * What exists at a path below the root. Throws `permission_denied` if a symbolic link is on the way or at its end: it
 * may lead anywhere. This detects existing links; it cannot prevent somebody with the right to do so from swapping
 * directories at the same moment.
 */
export async function findBelow(root: string, path: string, operation: Operation): Promise<Kind> {
  const { kind, at } = await lookBelow(root, path, operation)
  if (kind === 'link') throw refuseLink(at, operation)
  return kind
}

/** What exists at a path below the root, without following a link: `link` and its place, if there is one on the way. */
export async function lookBelow(
  root: string,
  path: string,
  operation: Operation,
): Promise<{ kind: Kind; at: string }> {
  for (const step of [...directoriesBetween(root, path), path]) {
    const kind = await kindAt(root, step, operation)
    if (step === path || kind === 'link') return { kind, at: step }
    if (kind !== 'directory') break
  }
  return { kind: 'missing', at: path }
}

/** What exists at a path. Symbolic links are followed up to the root, and reported as such below it. */
export async function kindAt(root: string, path: string, operation: Operation): Promise<Kind> {
  const look = isBelow(root, path) ? lstat : stat
  return touching({ path, operation }, async () => {
    try {
      const stats = await look(path)
      if (stats.isSymbolicLink()) return 'link'
      if (stats.isDirectory()) return 'directory'
      return stats.isFile() ? 'file' : 'other'
    } catch (error) {
      if (isErrno(error, 'ENOENT', 'ENOTDIR')) return 'missing'
      throw error
    }
  })
}

export function refuseLink(path: string, operation: Operation): BackupError {
  return problem('permission_denied', 'it is a symbolic link, and those are not followed. Remove it', {
    path,
    operation,
  })
}

function isBelow(root: string, path: string): boolean {
  return path !== root && path.startsWith(root.endsWith(sep) ? root : root + sep)
}
