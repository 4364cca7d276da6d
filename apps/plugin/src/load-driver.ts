import { BackupError, type Driver, isBackupError } from '@s3db-backup/core'
import { nearest } from '@s3db-backup/core/internal'
import type { DriverConfig } from './driver-config.js'
import { findModule, isInstalled, isPath, loadModule } from './load-driver-module.js'
import { checkShape, factoryOf } from './load-driver-shape.js'

/** The drivers that need no package of their own. */
const documented = ['filesystem', 's3', 'multi']

/**
 * Makes a driver from somebody else's package. `name` is the package (`s3db-backup-driver-ftp`,
 * `@acme/s3db-backup-driver-ftp`), what comes after the prefix (`ftp`), or a file (`./my-driver.js`). The package
 * exports one function that takes `config`, as it is, and returns a driver.
 *
 * @throws BackupError `invalid_options`: there is no such package, it cannot be loaded, or it exports something else;
 * or what the function itself throws.
 */
export function loadDriver(name: string, config: DriverConfig): Driver {
  const known = isPackage(name)
  if (!known && !isPlain(name)) throw unknown(name)
  const specifier = known ? name : `s3db-backup-driver-${name}`
  const file = find(specifier)
  if (file === undefined) throw known || isInstalled(specifier) ? missing(specifier) : unknown(name)
  const factory = factoryOf(load(file, specifier), specifier)
  return checkShape(
    make(() => factory(config), specifier),
    specifier,
  )
}

/** Other names are not tried as packages: a misspelt `filesystem` must not load whatever has that name. */
function isPackage(name: string): boolean {
  return isPath(name) || /^(@[^/]+\/)?s3db-backup-driver-[^/]+$/.test(name) || /^[^:]+\/[^:]+$/.test(name)
}

function isPlain(name: string): boolean {
  return /^[a-z0-9][a-z0-9._-]*$/.test(name)
}

function find(name: string): string | undefined {
  try {
    return findModule(name)
  } catch (cause) {
    const message = cause instanceof Error ? cause.message.split('\n', 1)[0] : String(cause)
    throw refuse(name, `Cannot look up the driver ${name}: ${message}`, {
      suggestion: 'Correct the name of the package, or the path of the module.',
      cause,
    })
  }
}

function load(file: string, name: string): unknown {
  try {
    return loadModule(file)
  } catch (cause) {
    const message = cause instanceof Error ? cause.message.split('\n', 1)[0] : String(cause)
    throw refuse(name, `Cannot load the driver ${name}: ${message}`, {
      suggestion: /require\(\)|top-level await/.test(String(message))
        ? 'A driver module must not use top-level await; let its first call wait instead.'
        : `Fix or reinstall ${name}.`,
      cause,
    })
  }
}

function make(call: () => unknown, name: string): unknown {
  try {
    return call()
  } catch (cause) {
    if (isBackupError(cause)) throw cause
    const message = cause instanceof Error ? cause.message : String(cause)
    throw refuse(name, `Cannot create the driver ${name}: ${message}`, {
      suggestion: 'Correct config; the README of the driver lists its options.',
      cause,
    })
  }
}

function missing(name: string): BackupError {
  if (isPath(name))
    return refuse(name, `There is no driver at ${name}`, {
      suggestion: `Check the path; it starts at the current directory, ${process.cwd()}.`,
    })
  if (isInstalled(name))
    return refuse(name, `The driver ${name} is installed, but its entry file is not there`, {
      suggestion: `Reinstall ${name}, or build it if it is your own; then main or exports in its package.json must name a file that exists.`,
    })
  return refuse(name, `The driver ${name} is not installed`, { suggestion: `Run: npm install ${name}` })
}

function unknown(name: string): BackupError {
  const hint = nearest(name, documented)
  const install =
    hint === '' && isPlain(name)
      ? `; if there is a package for it, npm install s3db-backup-driver-${name}`
      : ''
  return refuse(name, `Unknown backup driver: ${name}${hint}`, {
    suggestion: `Use one of ${documented.join(', ')}, the name of an installed package (s3db-backup-driver-...), the path of a module (./my-driver.js), or give a driver itself${install}.`,
  })
}

function refuse(
  driver: string,
  message: string,
  details: { readonly suggestion: string; readonly cause?: unknown },
): BackupError {
  return new BackupError('invalid_options', message, {
    operation: 'validateConfig',
    metadata: { driver },
    ...details,
  })
}
