import { basename } from 'node:path'
import type { OnWarning } from '@s3db-backup/core'

/**
 * Names that file systems and other programs use for what is theirs, below any path: snapshots, bins, indexes,
 * thumbnails, pieces of files that a check has found. Many of these nobody may read, or they hold the whole tree again.
 */
const theirs: ReadonlySet<string> = new Set([
  'lost+found',
  '.snapshot',
  '.snapshots',
  '.zfs',
  '@eaDir',
  '@Recycle',
  '@Recently-Snapshot',
  '#recycle',
  '#snapshot',
  '$RECYCLE.BIN',
  'System Volume Information',
  '.Trashes',
  '.Spotlight-V100',
  '.fseventsd',
  '.DS_Store',
  'Thumbs.db',
  'desktop.ini',
])

/** Whether something of this name is not ours, whatever it holds. */
export function isStranger(name: string): boolean {
  return theirs.has(name)
}

/** The first segment of a key that has such a name. */
export function strangerIn(key: string): string | undefined {
  return key.split('/').find(isStranger)
}

/** The skipped files. */
export interface PassedBy {
  readonly paths: ReadonlySet<string>
  add(path: string): void
}

/** Warns once of each. */
export function passedBy(onWarning: OnWarning | undefined): PassedBy {
  const paths = new Set<string>()
  return {
    paths,
    add(path) {
      if (paths.has(path) || paths.size >= mostRemembered) return
      paths.add(path)
      onWarning?.({
        code: 'passed_by',
        driver: 'filesystem',
        message: `${path} belongs to no backup and was skipped`,
        suggestion: `Nothing needs to be done. Backups that were copied into ${basename(path)} by hand are not found there.`,
        metadata: { path },
      })
    },
  }
}

/** A file of a Mac in every folder must not fill the memory. */
const mostRemembered = 1_000
