import { join, resolve } from 'node:path'
import type { OnWarning } from '@s3db-backup/core'
import { parsePathTemplate } from '@s3db-backup/core/internal'
import { filesystem, parseFilesystemOptions } from '@s3db-backup/driver-filesystem'
import { type Destination, probeDriver } from '@s3db-backup/plugin-adapter'
import type { DriverConfig } from './driver-config.js'
import { freeSpace } from './free-space.js'

/** Where backups go if nothing is said. */
const defaultPath = './backups'

/** `{ driver: 'filesystem', config: { path: './backups/{date}/' } }`: a directory, and a folder for each backup below. */
export function filesystemDestination(config: DriverConfig, onWarning: OnWarning): Destination {
  const path: unknown = 'path' in config ? config.path : defaultPath
  // A path that is not a string goes to the driver unchanged, which reports what is wrong with it.
  const template = typeof path === 'string' ? parsePathTemplate(path) : undefined
  const root = template?.root === '' && path !== '' ? '.' : template?.root
  const driver = filesystem(parseFilesystemOptions({ onWarning, ...config, path: root ?? path }))
  // An absolute path has the same meaning in every working directory.
  const locate = (key: string) => (root === undefined ? key : join(resolve(root), key))
  return {
    driver,
    type: 'filesystem',
    folder: template?.folder ?? '',
    identity: () => `filesystem ${resolve(root ?? defaultPath)}`,
    locate,
    describe: (directory) => ({
      type: 'filesystem',
      path: locate(directory),
      manifestPath: locate(`${directory}/s3db.json`),
    }),
    async doctor(call) {
      const findings = await probeDriver(driver, call)
      if (findings.some(({ level }) => level === 'problem')) return findings
      return [...findings, ...(await driver.doctor(call)), await freeSpace(root ?? defaultPath)]
    },
  }
}
