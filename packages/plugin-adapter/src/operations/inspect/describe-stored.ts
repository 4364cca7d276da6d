import type { Manifest } from '@s3db-backup/core'
import { catalogOf, checkBackupId, inventory } from '@s3db-backup/core/internal'
import type { Storage } from '../../context/plugin-context.js'
import { describeListed, type PluginBackup, type UnreadBackup } from '../results.js'
import { missingAncestorOf } from './missing-ancestor.js'
import { readable } from './readable.js'

/** A finished backup and all that its manifest says. */
export type BackupDescription = (PluginBackup | UnreadBackup) & {
  readonly manifest: Manifest
}

/** Options of one `describe()` call. */
export interface DescribeCall {
  readonly signal?: AbortSignal | undefined
}

/** `plugin.describe(id)`: one finished backup, file by file, whatever driver keeps it. Needs no database. */
export async function describeStored(
  storage: Storage,
  backupId: string,
  { signal }: DescribeCall,
): Promise<BackupDescription> {
  const { destination } = storage
  checkBackupId(backupId, 'status')
  const here = await inventory(destination.driver, { signal, cache: destination.manifests })
  const found = await catalogOf(here).get(backupId)
  const entry = { ...found, ...(await readable(found, storage, { inventory: here, signal })) }
  const lacking = await missingAncestorOf(entry, here, signal)
  return { ...describeListed(entry, destination), ...lacking, manifest: entry.manifest }
}
