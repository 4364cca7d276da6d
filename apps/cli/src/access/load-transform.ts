import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { BackupError, type RowTransform } from '@s3db-backup/core'
import { fromHome } from '../config/paths.js'

/**
 * The function that a module exports by default. It is named on the command line alone: no configuration, page or backup can
 * make this command run code over records.
 *
 * @throws BackupError `not_found` for a module that is not there, `invalid_options` for one that cannot be loaded.
 */
export async function loadTransform(path: string): Promise<RowTransform> {
  const exported = await load(resolve(fromHome(path)), path)
  if (isTransform(exported)) return exported
  throw wrong(`The module ${path} has no function as its default export`)
}

async function load(file: string, path: string): Promise<unknown> {
  const { href } = pathToFileURL(file)
  try {
    const module: unknown = await import(href)
    return typeof module === 'object' && module !== null && 'default' in module ? module.default : undefined
  } catch (cause) {
    const { message = String(cause) } = cause instanceof Error ? cause : {}
    throw wrong(`Cannot load the module ${path}: ${message}`, cause)
  }
}

function isTransform(value: unknown): value is RowTransform {
  return typeof value === 'function'
}

function wrong(message: string, cause?: unknown): BackupError {
  return new BackupError('invalid_options', message, {
    operation: 'restore',
    suggestion:
      'Give a module such as: export default (record, resource) => ({ ...record, email: "x@example.com" })',
    cause,
  })
}
