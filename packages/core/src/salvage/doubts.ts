import { contradictionOf } from '../chain/check-chain.js'
import { checkRecords } from '../chain/check-records.js'
import { linkRecords } from '../chain/link-records.js'
import type { Link } from '../chain/read-index.js'
import { type BackupError, isBackupError } from '../errors.js'
import { entryOf } from '../manifest.js'
import { drain } from '../streams/bytes.js'

/**
 * Something that does not fit together although every byte is as it was written. Nothing says which side of it is right,
 * so the lines were given as they are.
 */
export interface Doubt {
  readonly type: 'doubt'
  /** The resource it is about; empty if it is about the manifest. */
  readonly resource: string
  readonly problem: BackupError
}

/** What `verify` would refuse of some resources of a backup, as far as it shows without its ancestors. */
export async function* doubtsAbout(link: Link, resources: readonly string[]): AsyncGenerator<Doubt> {
  const contradiction = contradictionOf({ link, parent: undefined, names: new Set(resources) })
  if (contradiction !== undefined) yield { type: 'doubt', resource: '', problem: contradiction }
  for (const resource of contradiction === undefined ? resources : []) {
    const problem = await problemOf(link, resource)
    if (problem !== undefined) yield { type: 'doubt', resource, problem }
  }
}

async function problemOf(link: Link, resource: string): Promise<BackupError | undefined> {
  let found: BackupError | undefined
  try {
    if (entryOf(link.manifest, resource)?.whole === true)
      await checkRecords([{ link, parent: undefined }], resource, {
        onProblem(_, problem) {
          found ??= problem
        },
      })
    else await drain(linkRecords(link, resource, () => undefined))
  } catch (error) {
    if (!isBackupError(error)) throw error
    found = error
  }
  if (found !== undefined && !isBackupError(found, 'corrupt')) throw found
  return found
}
