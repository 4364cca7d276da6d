import { type BackupResult, resultOf } from '../backup/store-manifest.js'
import { openBackup } from '../chain/open-backup.js'
import { BackupError } from '../errors.js'
import { fileKey, manifestFile } from '../format/layout.js'
import { readManifestEntry } from '../inventory/manifest-entry.js'
import { guard } from '../ports/guard.js'
import { checkSizes } from './check-sizes.js'
import type { CheckedShard } from './shard-options.js'

/** The result of a backup that was already committed, from its manifest. */
export async function committedBackup(given: CheckedShard, directory: string): Promise<BackupResult> {
  const driver = guard(given.driver)
  const signal = given.signal ?? new AbortController().signal
  const object = { key: fileKey(directory, manifestFile), bytes: 0 }
  const entry = await readManifestEntry({ driver, directory, object }, { signal })
  if (entry !== undefined && 'problem' in entry) throw entry.problem
  if (entry === undefined) throw new BackupError('not_found', `There is no backup at ${directory}`)
  const { codecs, encryption } = given
  const { manifest } = await openBackup(entry, { driver, codecs, encryption, operation: 'backup', signal })
  const { id, checksum, manifestBytes } = entry
  // An abort removes the parts before the plan, so a manifest without a plan may be about to be removed, too.
  await checkSizes(manifest.parts, { driver, directory, id }, { signal })
  const took = { from: new Date(manifest.exportedAt), to: new Date(manifest.completedAt) }
  return resultOf({ id, directory, manifest, checksum, manifestBytes }, took)
}
