import type { Finding, ThawCall, ThawReport } from '@s3db-backup/core/internal'
import { examine, type TendCall, thawBackup } from '../operations/destination-maintenance.js'
import type { Destination } from '../options/destination.js'

/** `plugin.destination`: the place where the backups are. */
export interface DestinationMethods {
  /** Tries at the destination what backups need, and says everything that will not work. Leaves nothing there. */
  check(options?: TendCall): Promise<readonly Finding[]>
  /** Asks for a backup's archived objects to be made readable for some days, and waits until they are. */
  thaw(backupId: string, options?: ThawCall): Promise<ThawReport>
}

export function destinationMethods(destination: Destination): DestinationMethods {
  return {
    check: (options = {}) => examine(destination, options),
    thaw: (backupId, options = {}) => thawBackup(destination, backupId, options),
  }
}
