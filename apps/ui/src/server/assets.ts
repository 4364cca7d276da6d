import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { BackupError } from '@s3db-backup/core'

/** The files that a browser loads, by path. They are built into the package; nothing comes from elsewhere. */
export interface Assets {
  readonly script: string
  readonly style: string
}

/** Beside the built server, or, while that runs from its sources, where it would be built to. */
const folders = [join(import.meta.dirname, 'client'), join(import.meta.dirname, '../../dist/client')]

/** @throws BackupError `unsupported` if the package is not whole. */
export function readAssets(): Assets {
  const folder = folders.find((one) => existsSync(join(one, 'client.js')))
  if (folder === undefined)
    throw new BackupError('unsupported', 'The page is not part of this installation', {
      operation: 'validateConfig',
      suggestion: 'Install @s3db-backup/ui again; in a clone of the repository, run: pnpm run build',
    })
  return {
    script: readFileSync(join(folder, 'client.js'), 'utf8'),
    style: readFileSync(join(folder, 'client.css'), 'utf8'),
  }
}
