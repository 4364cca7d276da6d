import type { Difference, RemoveReport } from '@s3db-backup/core'
import type {
  CopiedBackup,
  Doubt,
  Finding,
  HealedFile,
  Loss,
  PurgeReport,
  ReplicasReport,
  RotateKeysReport,
  SalvagedLines,
  ThawCall,
  ThawReport,
  UndeleteReport,
} from '@s3db-backup/core/internal'
import { drill } from './drill/drill.js'
import type { DrillReport } from './drill/drill-report.js'
import { type KeptDrill, keptDrills } from './drill/stored-reports.js'
import { InstalledPlugin } from './installed-plugin.js'
import { cleanupBackups } from './operations/cleanup-backups.js'
import { type ConsolidateCall, consolidateBackup } from './operations/consolidate-backup.js'
import {
  type DeleteCall,
  type DeletedBackup,
  deleteStored,
  listDeleted,
  purgeDeleted,
  type UndeleteCall,
  undeleteStored,
} from './operations/deleted-backups.js'
import {
  examine,
  repairReplicas,
  syncReplicas,
  type TendCall,
  thawBackup,
  verifyEverywhere,
} from './operations/destination-maintenance.js'
import type { PluginDryRun } from './operations/dry-run.js'
import {
  type BackupDescription,
  type DescribeCall,
  type DiffCall,
  describeStored,
  diffBackups,
  listBackups,
} from './operations/inspect-backups.js'
import { makeBackup, tryBackup } from './operations/make-backup.js'
import { restoreBackup } from './operations/restore-backup.js'
import type { ListedBackup, PluginBackup, PluginCleanup, PluginRestore } from './operations/results.js'
import { type RotateCall, rotateKey } from './operations/rotate-key.js'
import { type SalvageCall, salvageBackup } from './operations/salvage-backup.js'
import { type SalvageIntoCall, type SalvageReport, salvageInto } from './operations/salvage-into.js'
import {
  type BackupStatus,
  backupStatus,
  listUnfinished,
  type UnfinishedBackup,
} from './operations/status.js'
import { type ValidateCall, type ValidationReport, validateBackups } from './operations/validate-backups.js'
import { type PluginVerify, type VerifyCall, verifyBackup } from './operations/verify-backup.js'
import type { BackupCall } from './options/backup-call.js'
import type {
  CleanupCall,
  ListCall,
  ListDeletedCall,
  ListUnfinishedCall,
  RestoreCall,
} from './options/call-options.js'
import { type DrillOptions, parseDrillOptions } from './options/drill-options.js'
import type { PluginOptions } from './options/plugin-options.js'

/**
 * The documented methods of the backup plugin. It knows no driver; those come with the assembly. Listing,
 * verifying and deleting need no database; backing up and restoring do.
 */
export class DatabasePlugin extends InstalledPlugin {
  /**
   * Makes a backup: `full`, `incremental`, `selective`, or a full one under a name of your own such as
   * `weekly-snapshot`. With `dryRun` nothing is written, and the result says what it would have come to.
   */
  backup(type: string | undefined, options: BackupCall & { readonly dryRun: true }): Promise<PluginDryRun>
  backup(type?: string, options?: BackupCall): Promise<PluginBackup>
  backup(type = 'full', options: BackupCall = {}): Promise<PluginBackup | PluginDryRun> {
    return options.dryRun === true
      ? tryBackup(this.context, type, options)
      : makeBackup(this.context, type, options)
  }

  /** Every backup at the destination, newest first. */
  list(): Promise<ListedBackup[]> {
    return listBackups(this.context.destination, {})
  }

  /**
   * Those that match, newest first. Instead, with `deleted`, those that were deleted and can be brought back; with
   * `unfinished`, what failed, is under way, or was abandoned.
   */
  listBackups(options: ListDeletedCall): Promise<DeletedBackup[]>
  listBackups(options: ListUnfinishedCall): Promise<UnfinishedBackup[]>
  listBackups(options?: ListCall): Promise<ListedBackup[]>
  listBackups(
    options: ListCall | ListDeletedCall | ListUnfinishedCall = {},
  ): Promise<ListedBackup[] | DeletedBackup[] | UnfinishedBackup[]> {
    const { destination } = this.context
    if (options.unfinished === true) return listUnfinished(this.context, options)
    return options.deleted === true ? listDeleted(destination, options) : listBackups(destination, options)
  }

  /** What is known of a backup, finished or not; `null` for nothing. Asks the destination alone. */
  getBackupStatus(backupId: string): Promise<BackupStatus | null> {
    return backupStatus(this.context, backupId)
  }

  /** Brings a backup back. Existing records are kept unless `overwrite` or `mode` says otherwise. */
  restore(backupId: string, options: RestoreCall = {}): Promise<PluginRestore> {
    return restoreBackup(this.context, backupId, options)
  }

  /**
   * A finished backup with its manifest: every resource and file. Throws `not_found`, or what is wrong with the
   * manifest. Asks the destination alone.
   */
  describe(backupId: string, options: DescribeCall = {}): Promise<BackupDescription> {
    return describeStored(this.context, backupId, options)
  }

  /**
   * Checks a backup against its manifest, and that those are there that it builds on (their contents are not read).
   * Resolves with a report, also of a damaged backup or a `broken_chain`. With level `restore` it
   * is a drill: the backup is restored into a new database of its own and compared record by record.
   */
  verify(backupId: string, options: DrillOptions): Promise<DrillReport>
  verify(backupId: string, options?: VerifyCall): Promise<PluginVerify>
  async verify(
    backupId: string,
    options: VerifyCall | DrillOptions = {},
  ): Promise<PluginVerify | DrillReport> {
    if (options.level !== 'restore') return verifyBackup(this.context, backupId, options)
    const call = parseDrillOptions(options)
    return this.context.running.during(backupId, call.signal, (signal) =>
      drill(this.context, backupId, { ...call, signal }),
    )
  }

  /** The drills whose reports were kept at the destination, newest first. */
  drills({ signal = new AbortController().signal }: TendCall = {}): Promise<KeptDrill[]> {
    return keptDrills(this.context.destination.driver, { signal })
  }

  /** Checks the newest backups (10 if not told otherwise) and reports on each. Rejects only if none can be listed. */
  validateBackups(options: ValidateCall = {}): Promise<ValidationReport> {
    return validateBackups(this.context, options)
  }

  /**
   * Gets out of a damaged backup what is provably intact, and says what is lost. Asks the destination alone.
   */
  salvage(backupId: string, options: SalvageCall = {}): AsyncIterable<SalvagedLines | Loss | Doubt> {
    return salvageBackup(this.context, backupId, options)
  }

  /**
   * Writes what is provably intact of a damaged backup into a database, and says what is lost. Nothing that is there
   * is replaced. Throws what `salvage` throws.
   */
  salvageInto(backupId: string, options: SalvageIntoCall): Promise<SalvageReport> {
    return this.context.running.during(backupId, options.signal, (signal) =>
      salvageInto(this.context, backupId, { ...options, signal }),
    )
  }

  /**
   * Merges the chain that ends with a backup into a new full backup, without the database. The chain stays.
   * Throws `broken_chain`, `corrupt`, and `incomplete` for a backup that lacks records; nothing new remains then.
   */
  consolidate(backupId: string, options: ConsolidateCall = {}): Promise<PluginBackup> {
    return consolidateBackup(this.context, backupId, options)
  }

  /**
   * The records that were added, changed or removed between two backups, one by one, by resource and id. Only the
   * key indexes at the destination are read, while the loop goes on.
   */
  diff(from: string, to: string, options: DiffCall = {}): AsyncIterable<Difference> {
    return diffBackups(this.context, from, to, options)
  }

  /**
   * Gives an encrypted backup other keys without touching its data: `configuration` is what the option `encryption`
   * takes. Throws `undecryptable` if the plugin's own configuration does not open the backup.
   */
  rotateKey(
    backupId: string,
    configuration: PluginOptions['encryption'],
    options: RotateCall = {},
  ): Promise<RotateKeysReport> {
    return rotateKey(this.context, backupId, configuration, options)
  }

  /**
   * Removes a backup, its manifest first. Throws `conflict` naming the backups that need it, or who uses it just
   * now, and removes nothing, unless `force` is given. With `deletionGrace` it can be brought back for so long.
   */
  deleteBackup(backupId: string, options: DeleteCall = {}): Promise<RemoveReport> {
    return deleteStored(this.context, backupId, options)
  }

  /**
   * Brings a backup back that was deleted with a grace time, and with it the deleted ones that it needs. Throws
   * `not_found` or `broken_chain` if that is not possible any more, and changes nothing.
   */
  undeleteBackup(backupId: string, options: UndeleteCall = {}): Promise<UndeleteReport> {
    return undeleteStored(this.context, backupId, options)
  }

  /** Removes for good what was deleted and whose grace time has passed. `cleanupBackups()` does it, too. */
  purgeDeleted(options: UndeleteCall & { readonly dryRun?: boolean | undefined } = {}): Promise<PurgeReport> {
    return purgeDeleted(this.context.destination, options)
  }

  /** Tries at the destination what backups need, and says everything that will not work. Leaves nothing there. */
  doctor(options: TendCall = {}): Promise<readonly Finding[]> {
    return examine(this.context.destination, options)
  }

  /** Asks for a backup's archived objects to be made readable for some days, and waits until they are. */
  thaw(backupId: string, options: ThawCall = {}): Promise<ThawReport> {
    return thawBackup(this.context.destination, backupId, options)
  }

  /** Several destinations: copies to each what it lacks. Throws `incomplete` for what could not be copied. */
  sync(
    options: TendCall & { readonly id?: string | undefined } = {},
  ): Promise<{ readonly copied: readonly CopiedBackup[] }> {
    return syncReplicas(this.context.destination, options)
  }

  /** Several destinations: heals a backup's damaged files from sound ones. Throws `incomplete` for those it could not. */
  repair(backupId: string, options: TendCall = {}): Promise<{ readonly healed: readonly HealedFile[] }> {
    return repairReplicas(this.context.destination, backupId, options)
  }

  /** Several destinations: checks each one's copy of a backup. Resolves with a report, also of damaged ones. */
  verifyReplicas(backupId: string, options: Omit<VerifyCall, 'onEvent'> = {}): Promise<ReplicasReport> {
    return verifyEverywhere(this.context, backupId, options)
  }

  /** Applies the retention policy. Without one nothing is removed. */
  cleanupBackups(options: CleanupCall = {}): Promise<PluginCleanup> {
    return cleanupBackups(this.context, options)
  }
}
