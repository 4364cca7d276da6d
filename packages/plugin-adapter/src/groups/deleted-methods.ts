import type { PurgeReport, UndeleteReport } from '@s3db-backup/core/internal'
import {
  type DeleteContext,
  type DeletedBackup,
  listDeleted,
  purgeDeleted,
  type UndeleteCall,
  undeleteStored,
} from '../operations/deleted-backups.js'
import type { ListDeletedCall } from '../options/call-options.js'

/** `plugin.deleted`: the backups that were deleted with a grace time. */
export interface DeletedMethods {
  /** Those that can be brought back, the one that was deleted last first. */
  list(options?: ListDeletedCall): Promise<DeletedBackup[]>
  /**
   * Brings one back, and with it the deleted ones that it needs. Throws `not_found` or `broken_chain` if that is not
   * possible any more, and changes nothing.
   */
  restore(backupId: string, options?: UndeleteCall): Promise<UndeleteReport>
  /** Removes for good those whose grace time has passed. `cleanupBackups()` does it, too. */
  purge(options?: UndeleteCall & { readonly dryRun?: boolean | undefined }): Promise<PurgeReport>
}

export function deletedMethods(context: Pick<DeleteContext, 'destination' | 'announce'>): DeletedMethods {
  return {
    list: (options = {}) => listDeleted(context.destination, options),
    restore: (backupId, options = {}) => undeleteStored(context, backupId, options),
    purge: (options = {}) => purgeDeleted(context.destination, options),
  }
}
