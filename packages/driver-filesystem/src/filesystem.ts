import { unlink } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type { Call, Driver, OnWarning } from '@s3db-backup/core'
import type { Finding } from '@s3db-backup/core/internal'
import { parseOptions } from '@s3db-backup/core/internal'
import * as z from 'zod'
import { removeEmptyAbove, syncDirectory } from './directories.js'
import { doctor } from './doctor.js'
import { isErrno, touching } from './errors.js'
import { get } from './get.js'
import { fileOf, findBelow, type Place } from './place.js'
import { put } from './put.js'
import { passedBy } from './strangers.js'
import { supportOf } from './support.js'
import { isTemporary } from './temporary.js'
import { walk } from './walk.js'

/** Where backups are kept on this machine. */
export interface FilesystemOptions {
  /** The directory that holds everything. Made when the first object is stored. Relative paths start at the cwd. */
  readonly path: string
  /** Mode of the files. The owner must be able to read. Default `0o644`. */
  readonly permissions?: number | undefined
  /** Mode of the directories that are made. The owner must have all rights. Default `0o755`. */
  readonly directoryPermissions?: number | undefined
  /** Called once for each feature that the file system lacks, and for foreign files below the path. */
  readonly onWarning?: OnWarning | undefined
}

/** A driver that can also examine its directory. */
export interface FilesystemDriver extends Driver {
  /** Reports how durable files are there, and what else is stored there. Leaves nothing behind. */
  doctor(call: Call): Promise<Finding[]>
}

/** An address would become a folder of that name below the working directory. */
function notAFolder(path: string): string {
  const [, scheme = '', bucket = '', rest = ''] = /^([^:]+):\/*([^/]*)\/?(.*)$/.exec(path) ?? []
  if (scheme.toLowerCase() === 'file')
    return `a folder is needed, not a URL: ${path.replace(/^file:\/\//i, '')}`
  if (scheme.toLowerCase() !== 's3') return `a folder is needed, not the address ${scheme}://…`
  return `a folder is needed, not an address: for ${path} choose the driver 's3', with bucket '${bucket}'${rest === '' ? '' : ` and path '${rest}'`}`
}

const pathSchema = z
  .string({ error: 'a directory is needed' })
  .min(1, 'a directory is needed')
  .refine((path) => !path.includes('\0'), 'a path has no NUL characters')
  .refine((path) => !/^[a-z][a-z0-9+.-]+:(\/\/|\/?$)/i.test(path), {
    error: ({ input }) => notAFolder(String(input)),
  })
  .refine((path) => !/\{\w+\}/.test(path), 'a plain directory is needed, without {variables}')

const mode = (owner: number, largest: number, message: string) =>
  z
    .number({ error: message })
    .int(message)
    .min(0, message)
    .max(largest, message)
    .refine((given) => (given & owner) === owner, message)

const optionsSchema = z.strictObject({
  path: pathSchema,
  permissions: mode(
    0o400,
    0o777,
    'a file mode is needed, such as 0o600, that lets the owner read',
  ).optional(),
  directoryPermissions: mode(
    0o700,
    0o7777,
    'a directory mode is needed, such as 0o700, that gives the owner all rights',
  ).optional(),
  onWarning: z.custom<OnWarning>((value) => typeof value === 'function', 'must be a function').optional(),
})

/**
 * Keeps objects as files below a directory of this machine; a key is the file's path below it.
 *
 * A file has its name only once its bytes are on the disk, and what has a name is never written over: `put` of a
 * key that exists rejects with `conflict`. A put that fails or is aborted leaves nothing. Symbolic links below the
 * directory are neither followed nor listed.
 *
 * Checks its options at once and touches no file before the first call.
 *
 * @throws BackupError `invalid_options`. The calls reject with `no_space`, `permission_denied`, `not_found`,
 * `conflict` (something is in the way), `unavailable`, `invalid_options` (a name too long), or `signal.reason`.
 *
 * @example
 * ```ts
 * import { openCatalog } from '@s3db-backup/core'
 * import { filesystem } from '@s3db-backup/driver-filesystem'
 *
 * const catalog = openCatalog(filesystem({ path: './backups', permissions: 0o600 }))
 * ```
 */
export function filesystem(options: FilesystemOptions): FilesystemDriver {
  const place = placeOf(options)
  return {
    name: 'filesystem',
    capabilities: { range: true },
    put: (key, body, call) => put(place, key, body, call),
    get: (key, call) => get(place, key, call),
    list: (prefix, call) => list(place, prefix, call),
    delete: (key, call) => remove(place, key, call),
    doctor: (call) => doctor(place, call),
  }
}

/**
 * Options from outside, checked: what {@link filesystem} takes. Throws one `invalid_options` for all problems.
 */
export function parseFilesystemOptions(options: unknown): FilesystemOptions {
  const hasPath = z.looseObject({ path: pathSchema }).safeParse(options).success
  return parseOptions(optionsSchema, options, {
    what: 'options of the filesystem driver',
    operation: 'validateConfig',
    driver: 'filesystem',
    ...(hasPath ? {} : { suggestion: 'Provide a valid config.path for the filesystem driver.' }),
  })
}

function placeOf(options: FilesystemOptions): Place {
  const {
    path,
    permissions = 0o644,
    directoryPermissions = 0o755,
    onWarning,
  } = parseFilesystemOptions(options)
  return {
    root: resolve(path),
    permissions,
    directoryPermissions,
    arriving: new Map(),
    support: supportOf(onWarning),
    passedBy: passedBy(onWarning),
  }
}

async function* list({ root, passedBy }: Place, prefix: string, { signal }: Call) {
  const walking = { root, prefix, operation: 'list', signal, onStranger: passedBy.add } as const
  for await (const { key, name, bytes, stamp } of walk(walking)) {
    if (!isTemporary(name)) yield { key, bytes, stamp }
  }
}

/** Removes the file, durably, and the directories that it leaves empty. */
async function remove({ root, support }: Place, key: string, { signal }: Call): Promise<void> {
  signal.throwIfAborted()
  const path = fileOf(root, key, 'delete')
  if ((await findBelow(root, path, 'delete')) === 'file') {
    await touching({ path, operation: 'delete' }, () => unlink(path).catch(passOver))
    // A manifest is deleted before its parts; without this sync a power failure could bring back the manifest alone.
    await syncDirectory(support, dirname(path), 'delete').catch(passOver)
  }
  await removeEmptyAbove(root, path)
  signal.throwIfAborted()
}

/** Another call removed the file, or the directory with it, first. */
function passOver(error: unknown): void {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
  if (!isErrno(cause, 'ENOENT')) throw error
}
