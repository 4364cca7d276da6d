import { resolve } from 'node:path'
import { BackupError, type OnWarning } from '@s3db-backup/core'
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
  if (typeof path === 'string' && isAddress(path)) throw notAFolder(path)
  // A path that is no text goes to the driver as it is, which says what is wrong with it.
  const template = typeof path === 'string' ? parsePathTemplate(path) : undefined
  const root = template?.root === '' && path !== '' ? '.' : template?.root
  const driver = filesystem(parseFilesystemOptions({ onWarning, ...config, path: root ?? path }))
  const locate = (key: string) => (root === '/' ? `/${key}` : `${root}/${key}`)
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

/** `s3://bucket` is not the folder `s3:`. `C:\backups` is a path. */
function isAddress(path: string): boolean {
  return /^[a-z][a-z0-9+.-]+:\/\//i.test(path)
}

function notAFolder(path: string): BackupError {
  const scheme = path.slice(0, path.indexOf(':'))
  return new BackupError('invalid_options', `The path is an address, ${scheme}://, and not a folder`, {
    operation: 'validateConfig',
    driver: 'filesystem',
    suggestion:
      scheme === 's3'
        ? "Use driver: 's3' with config: { bucket, path }."
        : 'Give the path of a folder; one whose name has a colon begins with ./',
  })
}
