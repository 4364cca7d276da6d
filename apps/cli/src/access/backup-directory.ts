import { rmdir, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { BackupError } from '@s3db-backup/core'
import { parsePathTemplate } from '@s3db-backup/core/internal'
import type { Settings } from '../config/settings.js'

/** Where backups go if nothing is said. */
const defaultPath = './backups'

/** Printed if the destination exists but has no backup. */
export const noBackups = 'There are no backups here.'

type Place = Pick<Settings, 'plugin'>

/**
 * Printed if no backup is found: a mistyped `--path` must not look like an empty destination. Throws `conflict` if the
 * path is a file.
 */
export async function nothingHere(settings: Place): Promise<string> {
  return (await missingDirectory(settings)) ?? noBackups
}

/** Throws `not_found` if the directory for the backups is not there: a mistyped path must not look like an empty one. */
export async function checkDirectory(settings: Place): Promise<void> {
  const missing = await missingDirectory(settings)
  if (missing === undefined) return
  throw new BackupError('not_found', missing.replace(/\.$/, ''), {
    operation: 'list',
    suggestion: 'Give the location of the backups: --path, or --driver and its options.',
  })
}

/** Says that the directory for the backups is not there; `undefined` if it is. Throws `conflict` for a file. */
export async function missingDirectory({ plugin }: Place): Promise<string | undefined> {
  const root = rootOf(plugin)
  if (root === undefined) return undefined
  const kind = await kindOf(root)
  if (kind === 'missing') return `There are no backups in ${root}: the directory does not exist.`
  if (kind !== 'file') return undefined
  throw new BackupError('conflict', `${root} is a file, not a directory`, {
    operation: 'list',
    driver: 'filesystem',
    suggestion: 'Give --path the directory that holds the backups.',
    metadata: { path: root },
  })
}

/**
 * Throws `conflict` where the directory for the backups could not be made, because the path or one above it is a file. For a
 * dry run, which makes no directory.
 */
export async function checkCanBeDirectory({ plugin }: Place): Promise<void> {
  for (let path = rootOf(plugin); path !== undefined; path = dirname(path)) {
    const kind = await kindOf(path)
    if (kind === 'file')
      throw new BackupError('conflict', `${path} is a file, not a directory`, {
        operation: 'backup',
        driver: 'filesystem',
        suggestion: 'Move it, or give --path another directory.',
        metadata: { path },
      })
    if (kind !== 'missing' || path === dirname(path)) return
  }
}

/** Does work that may make the directory for the backups, and removes it afterwards if it was not there and is empty. */
export async function leavingNoDirectory<T>({ plugin }: Place, work: () => Promise<T>): Promise<T> {
  const missing = await missingFrom(rootOf(plugin))
  try {
    return await work()
  } finally {
    await removeEmpty(missing)
  }
}

/** The absolute path of the directory above all backups; `undefined` where they are not kept in one. */
function rootOf({ driver, config }: Settings['plugin']): string | undefined {
  if (driver !== undefined && driver !== 'filesystem') return undefined
  const path: unknown = Reflect.get(config ?? {}, 'path') ?? defaultPath
  return typeof path === 'string' ? resolve(parsePathTemplate(path).root) : undefined
}

async function kindOf(path: string): Promise<'directory' | 'file' | 'missing' | 'unknown'> {
  try {
    return (await stat(path)).isDirectory() ? 'directory' : 'file'
  } catch (error) {
    // For any other error the driver reports it when it uses the directory.
    return isErrno(error, 'ENOENT', 'ENOTDIR') ? 'missing' : 'unknown'
  }
}

/** The directory and those above it that are not there, innermost first. */
async function missingFrom(path: string | undefined): Promise<string[]> {
  if (path === undefined || (await kindOf(path)) !== 'missing') return []
  return [path, ...(await missingFrom(dirname(path)))]
}

/** An empty directory that cannot be removed does no harm, and one that is not empty by now is in use. */
async function removeEmpty(directories: readonly string[]): Promise<void> {
  for (const directory of directories) {
    try {
      await rmdir(directory)
    } catch (error) {
      if (!isErrno(error, 'ENOENT')) return
    }
  }
}

function isErrno(error: unknown, ...wanted: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && wanted.includes(String(error.code))
}
