import { readFile } from 'node:fs/promises'
import { findPackageJSON } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { BackupError } from '@s3db-backup/core'
import type * as s3db from 's3db.js'
import * as z from 'zod'

/** The part of s3db.js that is used here. */
export type S3dbModule = Pick<typeof s3db, 'S3db' | 'getCronManager'>

/**
 * Loads s3db.js: the one that is installed with this command, or else the one of the project in the current
 * directory. Takes some 0.4 s, so only what needs a database asks for it.
 *
 * @throws BackupError `unsupported` if neither is there.
 */
export async function loadS3db(): Promise<S3dbModule> {
  // Its loggers are silent here, but a logger that formats its lines would still start a thread.
  process.env.S3DB_LOG_FORMAT ??= 'json'
  const module = await find()
  // Its file client creates a manager that ends the process with exit code 0 at the first signal, and also when the
  // process is about to end with another code. The first call determines the manager's options.
  module.getCronManager({ disabled: true, exitOnSignal: false, logLevel: 'silent' })
  return module
}

async function find(): Promise<S3dbModule> {
  try {
    return await withoutPlugins(
      () => import('s3db.js/lite'),
      () => import('s3db.js/concerns/cron-manager'),
      () => import('s3db.js'),
    )
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
    const load = (file: string) => import(pathToFileURL(join(dirname(manifest), file)).href)
    return await withoutPlugins(
      () => load('dist/lite.js'),
      () => load('dist/concerns/cron-manager.js'),
      async () => load(await entryOf(manifest)),
    )
  } catch (error) {
    if (!isMissing(error)) throw error
    throw new BackupError('unsupported', 's3db.js is not installed', {
      operation: 'connect',
      suggestion: 'Install it beside this command or in your project: npm install s3db.js',
      cause,
    })
  }
}

const packageManifest = z.looseObject({
  exports: z.looseObject({ '.': z.looseObject({ import: z.string() }) }),
})

/** The entry that a package names for `import`; the usual one of s3db.js if it names none. */
async function entryOf(manifest: string): Promise<string> {
  const { data } = packageManifest.safeParse(JSON.parse(await readFile(manifest, 'utf8')))
  return data?.exports['.'].import ?? 'dist/index.js'
}

type Load<T> = () => Promise<T>

/**
 * s3db.js without its plugins, which no command needs and which take a third of the time to load. Versions before 21 have no
 * such entry, or not all of it.
 */
async function withoutPlugins(
  light: Load<Pick<S3dbModule, 'S3db'>>,
  cron: Load<Pick<S3dbModule, 'getCronManager'>>,
  whole: Load<S3dbModule>,
): Promise<S3dbModule> {
  try {
    const { getCronManager } = await cron()
    const { S3db } = await light()
    return { S3db, getCronManager }
  } catch (error) {
    if (!isMissing(error)) throw error
    return whole()
  }
}

/** Whether a module, or its package's way to it, is not there. */
function isMissing(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    /MODULE_NOT_FOUND$|PACKAGE_PATH_NOT_EXPORTED$/.test(String(error.code))
  )
}
