import type { Driver, OnWarning } from '@s3db-backup/core'
import type { Destination, PluginConfig } from '@s3db-backup/plugin-adapter'
import type { FromDatabase } from './driver-config.js'
import { filesystemDestination } from './filesystem-destination.js'
import { manifestCache } from './manifest-cache/manifest-cache.js'
import { multiDestination } from './multi-destination.js'
import { packageDestination } from './package-destination.js'
import { s3Destination } from './s3-destination.js'

/** The destination that the plugin's `driver` and `config` describe. Does no I/O. */
export function destinationOf(
  { driver, config }: Pick<PluginConfig, 'driver' | 'config'>,
  database: FromDatabase,
  onWarning: OnWarning,
): Destination {
  if (typeof driver !== 'string') return givenDestination(driver)
  switch (driver) {
    case 'filesystem':
      return filesystemDestination(config, onWarning)
    case 's3':
      return s3Destination(config, database, onWarning)
    case 'multi':
      return multiDestination(config, (inner) => destinationOf(inner, database, onWarning), onWarning)
    default:
      return packageDestination(driver, config)
  }
}

/** The same, which remembers manifests on this machine if the option `manifestCache` says so. */
export function rememberingDestination(
  config: PluginConfig,
  database: FromDatabase,
  onWarning: OnWarning,
): Destination {
  const destination = destinationOf(config, database, onWarning)
  if (!config.manifestCache) return destination
  const identity = () => destination.identity?.()
  return { ...destination, manifests: manifestCache({ identity }) }
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
