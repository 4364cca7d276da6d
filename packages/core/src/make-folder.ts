import { dirname, join } from 'node:path'
import type { Operation } from './error-table.js'
import { errnoOf, type SystemCause, systemError } from './system-errors.js'

/** What making a folder needs of a file system. `node:fs/promises` is one. */
export interface FolderMaker {
  mkdir(path: string, options: { readonly mode: number }): Promise<unknown>
  stat(path: string): Promise<{ isDirectory(): boolean }>
}

export interface TemporaryFolderMaker extends FolderMaker {
  mkdtemp(prefix: string): Promise<string>
}

/** What a folder is for, as the error of one that cannot be made says it. */
export interface FolderPurpose {
  /** `the folder of the export` */
  readonly what: string
  /** What the reader can do: which option or variable names another folder. */
  readonly suggestion: string
  readonly operation: Operation
}

/** For a folder whose content only this user may see. */
const ownerOnly = 0o700

/**
 * Makes a folder and what is missing above it, by default for this user alone. One that exists stays as it is.
 *
 * Node's own `mkdir` with `recursive` never ends where a file system takes no folders, such as below `/proc`.
 *
 * @throws BackupError by cause, naming the folder: `permission_denied`, `no_space`, `conflict` (a file is in the way),
 * `unavailable`, or `invalid_options` where no folder can be made at all.
 */
export async function makeFolder(
  maker: FolderMaker,
  path: string,
  purpose: FolderPurpose,
  mode = ownerOnly,
): Promise<void> {
  try {
    await makeEach(maker, path, mode)
  } catch (cause) {
    throw cannotMake(path, cause, purpose)
  }
}

/**
 * Makes a new folder in `parent`, which is made if it is missing. Nobody else may look into it.
 *
 * @throws BackupError as {@link makeFolder} does, naming `parent`.
 */
export async function makeTemporaryFolder(
  maker: TemporaryFolderMaker,
  parent: string,
  prefix: string,
  purpose: FolderPurpose,
): Promise<string> {
  await makeFolder(maker, parent, purpose)
  try {
    return await maker.mkdtemp(join(parent, prefix))
  } catch (cause) {
    throw cannotMake(parent, cause, purpose)
  }
}

/** Makes the folder, after those above it where they are missing. Throws the system's error. */
export async function makeEach(maker: FolderMaker, path: string, mode = ownerOnly): Promise<void> {
  try {
    await maker.mkdir(path, { mode })
    return
  } catch (error) {
    const above = dirname(path)
    if (errnoOf(error) !== 'ENOENT' || above === path) return whereFolder(maker, path, error)
    await makeEach(maker, above, mode)
  }
  // What is above exists now. If this fails for the same reason again, no folder can be made here.
  await maker.mkdir(path, { mode }).catch((error: unknown) => whereFolder(maker, path, error))
}

/** Some systems refuse to make what exists with another error than that it exists. */
async function whereFolder(maker: FolderMaker, path: string, error: unknown): Promise<void> {
  const isFolder = await maker.stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
  if (!isFolder) throw error
}

/** Where making a folder means something else than making a file. */
const causes: Readonly<Record<string, SystemCause>> = {
  ENOENT: { code: 'invalid_options', says: 'no folder can be made there' },
  EEXIST: { code: 'conflict', says: 'something that is not a folder has that name' },
  ENOTDIR: { code: 'conflict', says: 'a part of its path is not a folder' },
}

function cannotMake(path: string, cause: unknown, { what, suggestion, operation }: FolderPurpose): unknown {
  return systemError(cause, { what: `Cannot make ${what}, ${path}`, path, suggestion, operation }, causes)
}
