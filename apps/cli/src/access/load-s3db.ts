import { findPackageJSON } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { BackupError } from '@s3db-backup/core'
import type * as s3db from 's3db.js'

/** The part of s3db.js that is used here. */
export type S3dbModule = Pick<typeof s3db, 'S3db' | 'getCronManager'>

/**
 * Loads s3db.js: the one that is installed with this command, or else the one of the project in the current
 * directory. Takes about half a second, so only what needs a database asks for it.
 *
 * @throws BackupError `unsupported` if neither is there.
 */
export async function loadS3db(): Promise<S3dbModule> {
  const module = await find()
  // Its file client creates a manager that ends the process with exit code 0 at the first signal, and also when the
  // process is about to end with another code. The first call determines the manager's options.
  module.getCronManager({ disabled: true, exitOnSignal: false, logLevel: 'silent' })
  return module
}

async function find(): Promise<S3dbModule> {
  try {
    return await import('s3db.js')
  } catch (error) {
    if (!isMissing(error)) throw error
    return loadFromProject(error)
  }
}

async function loadFromProject(cause: unknown): Promise<S3dbModule> {
  const here = pathToFileURL(join(process.cwd(), 'index.js'))
  try {
    const manifest = findPackageJSON('s3db.js', here)
    if (manifest === undefined) throw cause
    const entry = pathToFileURL(join(dirname(manifest), 'dist/index.js'))
    return await import(entry.href)
  } catch (error) {
    if (!isMissing(error)) throw error
    throw new BackupError('unsupported', 's3db.js is not installed', {
      operation: 'connect',
      suggestion: 'Install it beside this command or in your project: npm install s3db.js',
      cause,
    })
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /MODULE_NOT_FOUND$/.test(String(error.code))
}
