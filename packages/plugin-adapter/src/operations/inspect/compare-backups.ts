import { type Difference, diff } from '@s3db-backup/core'
import { diffLive, type LiveDifference } from '@s3db-backup/core/internal'
import { databaseSource } from '@s3db-backup/s3db'
import { checkConnected } from '@s3db-backup/s3db/internal'
import type { PluginContext, Storage } from '../../context/plugin-context.js'
import { encrypting } from '../../options/encryption.js'
import { partitionFilterOf } from '../../options/partition-filter.js'
import { notInstalled } from '../../target/open-target.js'

/** Options of one `diff()` call. */
export interface DiffCall {
  /** Only these resources (globs allowed). */
  readonly resources?: readonly string[] | undefined
  readonly exclude?: readonly string[] | undefined
  /** Take backups that are not encrypted although the plugin encrypts. Default `false`. */
  readonly allowPlain?: boolean | undefined
  readonly signal?: AbortSignal | undefined
}

/** `plugin.diff(from, to, options)`: two backups. Needs no database. */
export function diffBackups(
  storage: Storage,
  from: string,
  to: string,
  { resources, exclude, allowPlain = false, signal }: DiffCall,
): AsyncIterable<Difference> {
  const { driver } = storage.destination
  return diff({ driver, from, to, ...encrypting(storage), resources, exclude, allowPlain, signal })
}

/** `plugin.diffLive(backupId, options)`: a backup and the database that the plugin is installed in. */
export function diffWithDatabase(
  context: Storage & Pick<PluginContext, 'database'>,
  id: string,
  { resources, exclude, allowPlain = false, signal }: DiffCall,
): AsyncIterable<LiveDifference> {
  const database = context.database()
  if (database === undefined) throw notInstalled()
  checkConnected(database, 'status')
  return diffLive({
    driver: context.destination.driver,
    id,
    source: databaseSource(database),
    filterOf: (label, now) => partitionFilterOf(label, now, 'status'),
    ...encrypting(context),
    ...{ resources, exclude, allowPlain, signal },
  })
}
