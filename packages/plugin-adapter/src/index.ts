export type { Logger } from './announce.js'
export type { Assembly } from './assembly.js'
export type { BackupCall } from './backup-call.js'
export type {
  CopiedBackup,
  Finding,
  HealedFile,
  ReplicaReport,
  Replicas,
  ReplicasReport,
  ThawCall,
  ThawEvent,
  ThawReport,
} from './capabilities.js'
export type { PluginCleanup } from './cleanup-backups.js'
export type { ConsolidateCall } from './consolidate-backup.js'
export { DatabasePlugin } from './database-plugin.js'
export type { DeletedBackup, UndeleteCall } from './deleted-backups.js'
export type { Destination } from './destination.js'
export type { DrillOptions } from './drill/drill-options.js'
export type { DrilledResource, DrillFindings, DrillReport } from './drill/drill-report.js'
export { formatDrillReport } from './drill/format-report.js'
export type { ScratchFolder } from './drill/scratch-folder.js'
export { type DrillReportCheck, type SignOff, verifyDrillReport } from './drill/sign-off.js'
export type { KeptDrill } from './drill/stored-reports.js'
export type { PluginDryRun, Requests } from './dry-run.js'
export type { NewKeyFile, PluginEncryption } from './plugin-encryption.js'
export type {
  Hook,
  ListCall,
  ListDeletedCall,
  PluginConfig,
  PluginOptions,
  RestoreCall,
} from './plugin-options.js'
export { probeDriver } from './probe-destination.js'
export type { PluginRestore } from './restore-backup.js'
export type { ListedBackup, PluginBackup } from './results.js'
export type { RotateCall } from './rotate-key.js'
export type { SalvageCall } from './salvage-backup.js'
export type { SalvageIntoCall, SalvageReport } from './salvage-into.js'
export type { NextRun } from './schedule.js'
export type { BackupStatus, UnfinishedBackup } from './status.js'
export type { DriverInfo, StorageInfo } from './storage-info.js'
export type {
  BackupDescription,
  DeleteCall,
  DescribeCall,
  DiffCall,
  PluginVerify,
  VerifyCall,
} from './stored-backups.js'
export type { TendCall } from './tend-destination.js'
export type { BackupValidation, ValidateCall, ValidationReport } from './validate-backups.js'
