import { unlink } from 'node:fs/promises'
import { resolve } from 'node:path'
import { removeEmptyAbove } from './directories.js'
import { isErrno, touching } from './errors.js'
import { isTemporary } from './temporary.js'
import { walk } from './walk.js'

/** A day, in ms. */
const day = 24 * 60 * 60 * 1000

/**
 * Removes temporary files that a killed process or a power failure left below `path`, and directories that become
 * empty by that. Finished files are never touched.
 *
 * Only files that were last written more than `olderThanMs` ago (default: a day) are removed, because younger ones
 * may belong to a backup that is running. Resolves with the number of files and their bytes.
 *
 * @throws BackupError `permission_denied`, `unavailable`. On abort it rejects with `signal.reason`; what is removed
 * by then stays removed.
 *
 * @example
 * ```ts
 * import { sweep } from '@s3db-backup/driver-filesystem'
 *
 * const { files, bytes } = await sweep({ path: './backups' })
 * console.log(`${files} unfinished files removed, ${bytes} bytes freed`)
 * ```
 */
export async function sweep(options: {
  readonly path: string
  readonly olderThanMs?: number | undefined
  readonly signal?: AbortSignal | undefined
}): Promise<{ files: number; bytes: number }> {
  const root = resolve(options.path)
  const signal = options.signal ?? new AbortController().signal
  const latest = Date.now() - (options.olderThanMs ?? day)
  let files = 0
  let bytes = 0
  for await (const found of walk({ root, prefix: '', operation: 'cleanup', signal })) {
    if (!isTemporary(found.name) || found.modified > latest) continue
    await touching({ path: found.path, operation: 'cleanup' }, () => unlink(found.path).catch(passOver))
    await removeEmptyAbove(root, found.path)
    files += 1
    bytes += found.bytes
  }
  return { files, bytes }
}

/** Another sweep was faster. */
function passOver(error: unknown): void {
  if (!isErrno(error, 'ENOENT')) throw error
}
