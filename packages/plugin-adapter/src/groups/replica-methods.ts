import type { CopiedBackup, HealedFile, ReplicaPresence, ReplicasReport } from '@s3db-backup/core/internal'
import type { Storage } from '../context/plugin-context.js'
import {
  presenceEverywhere,
  repairReplicas,
  syncReplicas,
  type TendCall,
  verifyEverywhere,
} from '../operations/destination-maintenance.js'
import type { VerifyCall } from '../operations/verify-backup.js'

/** `plugin.replicas`: the copies of a backup at several destinations. Throws `unsupported` if there is only one. */
export interface ReplicaMethods {
  /** Copies to each destination what it lacks. Throws `incomplete` for what could not be copied. */
  sync(
    options?: TendCall & { readonly id?: string | undefined },
  ): Promise<{ readonly copied: readonly CopiedBackup[] }>
  /** Heals a backup's damaged files from sound ones. Throws `incomplete` for those it could not. */
  repair(backupId: string, options?: TendCall): Promise<{ readonly healed: readonly HealedFile[] }>
  /** Checks each destination's copy of a backup. Resolves with a report, also of damaged ones. */
  verify(backupId: string, options?: Omit<VerifyCall, 'onEvent'>): Promise<ReplicasReport>
  /** Which backups each destination has, by a listing of each. Whether they are whole there `verify` says. */
  presence(options?: TendCall): Promise<readonly ReplicaPresence[]>
}

export function replicaMethods(storage: Storage): ReplicaMethods {
  return {
    sync: (options = {}) => syncReplicas(storage.destination, options),
    repair: (backupId, options = {}) => repairReplicas(storage.destination, backupId, options),
    verify: (backupId, options = {}) => verifyEverywhere(storage, backupId, options),
    presence: (options = {}) => presenceEverywhere(storage.destination, options),
  }
}
