import { access, readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { BackupError } from '@s3db-backup/core'
import { withPathsOf } from './paths.js'
import { makeReadable, whyUnreadable } from './unreadable-file.js'

/** Looked for in the current directory, in this order. */
export const configFileNames = ['s3db-backup.config.json', 's3db-backup.config.mjs', 's3db-backup.config.js']

export interface ConfigFile {
  readonly path: string
  /** As the file has it, unchecked, with its paths made absolute. */
  readonly content: unknown
}

/**
 * Loads the named configuration file, or the one in the current directory if there is one. A `.json` file is
 * parsed; any other is a module whose default export is the configuration.
 *
 * @throws BackupError `not_found` if the named file is not there, `invalid_options` if it cannot be read.
 */
export async function loadConfigFile(named: string | undefined): Promise<ConfigFile | undefined> {
  if (named !== undefined) {
    if (await exists(named)) return load(named)
    throw new BackupError('not_found', `The configuration file ${named} does not exist`, {
      operation: 'validateConfig',
      suggestion: 'Check --config, or S3DB_BACKUP_CONFIG.',
      metadata: { path: named },
    })
  }
  for (const name of configFileNames) if (await exists(name)) return load(name)
  return undefined
}

async function load(path: string): Promise<ConfigFile> {
  try {
    const content = path.endsWith('.json') ? await readJson(path) : await evaluate(path)
    return { path, content: withPathsOf(path, content) }
  } catch (cause) {
    const why = whyUnreadable(cause)
    const message = why ?? (cause instanceof Error ? cause.message : String(cause))
    throw new BackupError('invalid_options', `Cannot load the configuration file ${path}: ${message}`, {
      operation: 'validateConfig',
      suggestion:
        why === undefined
          ? 'It must be JSON, or a module whose default export is the configuration.'
          : makeReadable,
      metadata: { path },
      cause,
    })
  }
}

/** The value in a JSON file. Throws the errors of `readFile` and `JSON.parse`. */
export async function readJson(path: string): Promise<unknown> {
  // Some editors start a file with a byte order mark.
  return JSON.parse((await readFile(path, 'utf8')).replace(/^\uFEFF/, ''))
}

async function evaluate(path: string): Promise<unknown> {
  const module: unknown = await import(pathToFileURL(resolve(path)).href)
  if (typeof module === 'object' && module !== null && 'default' in module) return module.default
  throw new Error('it has no default export')
}

/** A file in a folder that may not be searched counts as there: reading it says what is wrong. */
async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    (error: unknown) => whyUnreadable(error) === 'permission denied',
  )
}
