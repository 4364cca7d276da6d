import { parsePathTemplate } from '@s3db-backup/core/internal'
import type { Destination } from '@s3db-backup/plugin-adapter'
import type { DriverConfig } from './driver-config.js'
import { loadDriver } from './load-driver.js'

/**
 * `{ driver: 's3db-backup-driver-ftp', config: { path: 'backups/{date}/', ... } }`: a third-party driver. It gets
 * `config` unchanged, except for a `path` with variables, of which it gets the part before the first.
 */
export function packageDestination(name: string, config: DriverConfig): Destination {
  const { path } = config
  const template = typeof path === 'string' && path.includes('{') ? parsePathTemplate(path) : undefined
  const driver = loadDriver(
    name,
    template === undefined ? config : { ...config, path: template.root === '' ? '.' : template.root },
  )
  return {
    driver,
    type: driver.name,
    folder: template?.folder ?? '',
    locate: (key) => key,
    describe: (directory) => ({ type: driver.name, path: directory }),
  }
}
