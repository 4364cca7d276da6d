import type { Difference, OpenedBackup, RemoveReport } from '@s3db-backup/core'
import type {
  Doubt,
  FoundRecord,
  LiveDifference,
  Loss,
  RotateKeysReport,
  SalvagedLines,
} from '@s3db-backup/core/internal'
import { type DeletedMethods, deletedMethods } from './groups/deleted-methods.js'
import { type DestinationMethods, destinationMethods } from './groups/destination-methods.js'
import { type DrillMethods, drillMethods } from './groups/drill-methods.js'
import { type PastMethods, pastMethods } from './groups/past-methods.js'
import { type ReplicaMethods, replicaMethods } from './groups/replica-methods.js'
import { type ShardMethods, shardMethods } from './groups/shard-methods.js'
import { InstalledPlugin } from './installed-plugin.js'
import { cleanupBackups } from './operations/cleanup-backups.js'
import { type ConsolidateCall, consolidateBackup } from './operations/consolidate-backup.js'
import { type DeleteCall, deleteStored } from './operations/deleted-backups.js'
import type { PluginDryRun } from './operations/dry-run.js'
import { type DiffCall, diffBackups, diffWithDatabase } from './operations/inspect/compare-backups.js'
import {
  type BackupDescription,
  type DescribeCall,
  describeStored,
} from './operations/inspect/describe-stored.js'
import { listBackups } from './operations/inspect/list-backups.js'
import { type Overview, overview } from './operations/inspect/overview.js'
import {
  type BackupStatus,
  backupStatus,
  listUnfinished,
  type UnfinishedBackup,
} from './operations/inspect/status.js'
import { makeBackup, tryBackup } from './operations/make-backup.js'
import { type FindCall, findRecord, type OpenCall, openStored } from './operations/open-backup.js'
import { restoreBackup } from './operations/restore-backup.js'
import type { ListedBackup, PluginBackup, PluginCleanup, PluginRestore } from './operations/results.js'
import { type RotateCall, rotateKey } from './operations/rotate-key.js'
import { type SalvageCall, salvageBackup } from './operations/salvage-backup.js'
import { type SalvageIntoCall, type SalvageReport, salvageInto } from './operations/salvage-into.js'
import { type ValidateCall, type ValidationReport, validateBackups } from './operations/validate-backups.js'
import { type PluginVerify, type VerifyCall, verifyBackup } from './operations/verify-backup.js'
import type { BackupCall } from './options/backup-call.js'
import type { CleanupCall, ListCall, ListUnfinishedCall, RestoreCall } from './options/call-options.js'
import type { PluginOptions } from './options/plugin-options.js'

/**
 * The documented methods of the backup plugin. It knows no driver; those come with the assembly. Listing,
 * verifying and deleting need no database; backing up and restoring do.
 */
export class DatabasePlugin extends InstalledPlugin {
  /** The place where the backups are: `check`, `thaw`. */
  readonly destination: DestinationMethods = destinationMethods(this.context.destination)
  /** Several destinations: `sync`, `repair`, `verify`. */
  readonly replicas: ReplicaMethods = replicaMethods(this.context)
  /** Backups tried out by a restore: `run`, `list`. */
  readonly drills: DrillMethods = drillMethods(this.context)
  /** The past of the database, from the versions of its bucket: `plan`, `undo`, `recover`, `versions`, `window`. */
  readonly past: PastMethods = pastMethods(this.context)
  /** Backups that were deleted with a grace time: `list`, `restore`, `purge`. */
  readonly deleted: DeletedMethods = deletedMethods(this.context)
  /** Backups and restores of several processes: `plan`, `run`, `commit`; `openRestore`, `write`, `finishRestore`. */
  readonly shards: ShardMethods = shardMethods(this.context)

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
    return listBackups(this.context, {})
  }

  /**
   * Those that match, newest first; with `unfinished`, instead, what failed, is under way, or was abandoned. The deleted
   * ones are in `deleted.list()`.
   */
  listBackups(options: ListUnfinishedCall): Promise<UnfinishedBackup[]>
  listBackups(options?: ListCall): Promise<ListedBackup[]>
  listBackups(options: ListCall | ListUnfinishedCall = {}): Promise<ListedBackup[] | UnfinishedBackup[]> {
    return options.unfinished === true
      ? listUnfinished(this.context, options)
      : listBackups(this.context, options)
  }

  /** The backups that match and, whatever they are, those that never became one: from one listing. */
  overview(options: ListCall = {}): Promise<Overview> {
    return overview(this.context, options)
  }

  /** The status of a backup, finished or not; `null` if it is unknown. Reads only the destination. */
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
   * Resolves with a report, also of a damaged backup or a `broken_chain`. `drills.run()` restores it, too.
   */
  verify(backupId: string, options: VerifyCall = {}): Promise<PluginVerify> {
    return verifyBackup(this.context, backupId, options)
  }

  /** Checks the newest backups (10 by default) and reports on each. Rejects only if none can be listed. */
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
   * The records that were added, changed or removed between two backups, one by one, by resource and id. Only the key
   * indexes at the destination are read, while the loop runs.
   */
  diff(from: string, to: string, options: DiffCall = {}): AsyncIterable<Difference> {
    return diffBackups(this.context, from, to, options)
  }

  /**
   * The records that were added, changed and removed in the database since a backup was made, one by one. Lists the
   * database, and reads records that seem to have changed.
   */
  diffLive(backupId: string, options: DiffCall = {}): AsyncIterable<LiveDifference> {
    return diffWithDatabase(this.context, backupId, options)
  }

  /**
   * Opens a backup for reading in place: by its id, or the newest one of a time or earlier. The database is not
   * needed, and nothing is restored.
   */
  open(which: string | { readonly at: Date | string }, options: OpenCall = {}): Promise<OpenedBackup> {
    return openStored(this.context, which, options)
  }

  /** Looks for a record in all backups: which resources have or had one of this id, and when it changed. */
  find(id: string, options: FindCall = {}): AsyncIterable<FoundRecord> {
    return findRecord(this.context, id, options)
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
   * now, and removes nothing, unless `force` is given. With `deletionGrace` it can be brought back for that many ms.
   */
  deleteBackup(backupId: string, options: DeleteCall = {}): Promise<RemoveReport> {
    return deleteStored(this.context, backupId, options)
  }

  /** Applies the retention policy. Without one nothing is removed. */
  cleanupBackups(options: CleanupCall = {}): Promise<PluginCleanup> {
    return cleanupBackups(this.context, options)
  }
}
