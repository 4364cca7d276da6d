import { BackupError, type Driver, nearest, parsePathTemplate } from '@s3db-backup/core'
import { filesystem, parseFilesystemOptions } from '@s3db-backup/driver-filesystem'
import type { Destination, PluginConfig } from '@s3db-backup/plugin-adapter'

/** Where backups go if nothing is said. */
const defaultPath = './backups'

const makers: Readonly<Record<string, (config: PluginConfig['config']) => Destination>> = {
  filesystem: filesystemDestination,
}

/** The destination that the plugin's `driver` and `config` describe. Does no I/O. */
export function destinationOf({ driver, config }: PluginConfig): Destination {
  if (typeof driver !== 'string') return givenDestination(driver)
  const make = Object.hasOwn(makers, driver) ? makers[driver] : undefined
  if (make !== undefined) return make(config)
  const names = Object.keys(makers)
  throw new BackupError('invalid_options', `Unknown backup driver: ${driver}${nearest(driver, names)}`, {
    operation: 'validateConfig',
    suggestion: `Use one of ${names.join(', ')}, or give a driver itself.`,
    metadata: { driver },
  })
}

function filesystemDestination(config: PluginConfig['config']): Destination {
  const path: unknown = 'path' in config ? config.path : defaultPath
  // A path that is no text goes to the driver as it is, which says what is wrong with it.
  const template = typeof path === 'string' ? parsePathTemplate(path) : undefined
  const root = template?.root === '' ? '.' : template?.root
  const driver = filesystem(parseFilesystemOptions({ ...config, path: root ?? path }))
  const locate = (key: string) => `${root}/${key}`
  return {
    driver,
    type: 'filesystem',
    folder: template?.folder ?? '',
    locate,
    describe: (directory) => ({
      type: 'filesystem',
      path: locate(directory),
      manifestPath: locate(`${directory}/s3db.json`),
    }),
  }
}

function givenDestination(driver: Driver): Destination {
  return {
    driver,
    type: driver.name,
    folder: '',
    locate: (key) => key,
    describe: (directory) => ({ type: driver.name, path: directory }),
  }
}
