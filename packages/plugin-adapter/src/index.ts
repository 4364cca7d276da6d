export { DatabasePlugin } from './database-plugin.js'
export type { DrilledResource, DrillFindings, DrillReport } from './drill/drill-report.js'
export { formatDrillReport } from './drill/format-report.js'
export { type DrillReportCheck, type SignOff, verifyDrillReport } from './drill/sign-off.js'
export type { KeptDrill } from './drill/stored-reports.js'
export type { Logger } from './events/announce.js'
export type { PluginCleanup } from './operations/cleanup-backups.js'
export type { ConsolidateCall } from './operations/consolidate-backup.js'
export type { DeleteCall, DeletedBackup, UndeleteCall } from './operations/deleted-backups.js'
export type { TendCall } from './operations/destination-maintenance.js'
export type { PluginDryRun, Requests } from './operations/dry-run.js'
export type { BackupDescription, DescribeCall, DiffCall } from './operations/inspect-backups.js'
export { probeDriver } from './operations/probe-destination.js'
export type { PluginRestore } from './operations/restore-backup.js'
export type { ListedBackup, PluginBackup } from './operations/results.js'
export type { RotateCall } from './operations/rotate-key.js'
export type { SalvageCall } from './operations/salvage-backup.js'
export type { SalvageIntoCall, SalvageReport } from './operations/salvage-into.js'
export type { BackupStatus, UnfinishedBackup } from './operations/status.js'
export type { DriverInfo, StorageInfo } from './operations/storage-info.js'
export type { BackupValidation, ValidateCall, ValidationReport } from './operations/validate-backups.js'
export type { PluginVerify, VerifyCall } from './operations/verify-backup.js'
export type { Assembly, NewKeyFile, PluginEncryption, ScratchFolder } from './options/assembly.js'
export type { BackupCall } from './options/backup-call.js'
export type { ListCall, ListDeletedCall, RestoreCall } from './options/call-options.js'
export type {
  CopiedBackup,
  Destination,
  Finding,
  HealedFile,
  ReplicaReport,
  Replicas,
  ReplicasReport,
  ThawCall,
  ThawEvent,
  ThawReport,
} from './options/destination.js'
export type { DrillOptions } from './options/drill-options.js'
export type { Hook, PluginConfig, PluginOptions } from './options/plugin-options.js'
export type { NextRun } from './schedule/schedule.js'
