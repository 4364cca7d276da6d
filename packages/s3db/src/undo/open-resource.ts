import { type Call, isBackupError, type ResourceInfo, type Target } from '@s3db-backup/core'
import type { Database } from '../client/database.js'
import { databaseTarget } from '../writing/target.js'

/**
 * A target for the records of one resource as it was; why it takes none, if its definition of today does not. Each
 * resource has a target of its own: one that is refused does not stop the others. With `dryRun` nothing is made.
 */
export async function openResource(
  database: Database,
  info: ResourceInfo,
  { dryRun }: { readonly dryRun: boolean },
  call: Call,
): Promise<Target | string> {
  const target = databaseTarget(database)
  const plan = { resources: [info], internal: [], mode: 'merge', dryRun } as const
  try {
    await target.open({ ...plan, unreadable: new Map(), rename: {} }, call)
    return target
  } catch (error) {
    if (isBackupError(error, 'conflict') || isBackupError(error, 'unsupported')) return error.message
    throw error
  }
}
