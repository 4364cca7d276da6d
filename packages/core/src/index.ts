export { backup } from './backup/backup.js'
export type { BackupOptions, IncrementalOptions } from './backup/backup-options.js'
export { type ConsolidateOptions, consolidate } from './backup/consolidate.js'
export { type RecordsResource, records } from './backup/records-source.js'
export type { BackupResult } from './backup/store-manifest.js'
export { type Difference, type DiffOptions, diff } from './chain/diff.js'
export { type Compression, compression } from './codecs/compression.js'
export { gzip } from './codecs/gzip.js'
export { brotli, deflate, zstd } from './codecs/stream-codecs.js'
export type { TakenOut } from './deletion/delete-or-tombstone.js'
export { type PrunedBackup, type PruneOptions, type PruneReport, prune } from './deletion/prune.js'
export type { PruneDecision, PrunePlan } from './deletion/prune-plan.js'
export { type RemoveOptions, type RemoveReport, remove } from './deletion/remove.js'
export type { ErrorCode, Operation } from './error-table.js'
export { BackupError, type BackupErrorDetails, isBackupError } from './errors.js'
export { compareIds } from './format/compare-ids.js'
export {
  type BackupCopy,
  type Catalog,
  type CatalogEntry,
  type CatalogList,
  type DamagedEntry,
  openCatalog,
} from './inventory/catalog.js'
export type { JsonValue } from './json.js'
export type {
  BackupSelection,
  Losses,
  Manifest,
  ManifestEncryption,
  Part,
  ResourceEntry,
  SecondLookReport,
} from './manifest.js'
export type { Codec, CodecContext } from './ports/codec.js'
export {
  type Call,
  type Driver,
  type DriverCapabilities,
  type GetCall,
  type ListCall,
  type ObjectInfo,
  type ObjectKind,
  objectKinds,
  type PutCall,
} from './ports/driver.js'
export type { BackupCipher, BegunEncryption, Encryption, EncryptionInfo } from './ports/encryption.js'
export type { BackupEvent, OnEvent, Progress } from './ports/events.js'
export { guard } from './ports/guard.js'
export type { RowFilter } from './ports/row-filter.js'
export type { RowTransform } from './ports/row-transform.js'
export type {
  Batch,
  ConsolidatedFrom,
  Description,
  IdRange,
  IncrementalBase,
  IndexEntry,
  LostRecord,
  ResourceInfo,
  Row,
  RowIndexEntry,
  SecondAnswer,
  SecondListing,
  SecondLook,
  Source,
  SourceRanges,
  UnnamedLoss,
} from './ports/source.js'
export type {
  KeptRecords,
  RefusedResource,
  RestoreMode,
  RestorePlan,
  Shortfall,
  Target,
  UnreadableRecords,
  WriteReport,
} from './ports/target.js'
export type { VerifyLevel, VerifyReport } from './ports/verify-report.js'
export type { OnWarning, StorageWarning, StorageWarningCode } from './ports/warning.js'
export type { HistoryOptions, RecordVersion } from './read/history.js'
export { type OpenedBackup, open } from './read/open.js'
export type { OpenOptions, RecordsOptions } from './read/open-options.js'
export { restore } from './restore/restore.js'
export type { RestoreOptions } from './restore/restore-options.js'
export type { RestoreResult } from './restore/restore-result.js'
export { type AbortedBackup, abortBackup } from './shards/abort-backup.js'
export { commitBackup } from './shards/commit-backup.js'
export { type PlannedBackup, planBackup } from './shards/plan-backup.js'
export { finishRestore } from './shards/restore/finish-restore.js'
export type { JoinRestoreOptions } from './shards/restore/join-restore.js'
export { type OpenedRestore, type OpenRestoreOptions, openRestore } from './shards/restore/open-restore.js'
export {
  type RestoreShardOptions,
  type RestoreShardResult,
  restoreShard,
} from './shards/restore/restore-shard.js'
export { runShard, type ShardResult } from './shards/run-shard.js'
export type { PlanOptions, PlanReference, RunShardOptions, ShardOptions } from './shards/shard-options.js'
export { type ShardStatus, shardStatus } from './shards/shard-status.js'
export { abortable } from './streams/abortable.js'
export { verify } from './verify/verify.js'
export type { VerifyChoices, VerifyOptions } from './verify/verify-options.js'
