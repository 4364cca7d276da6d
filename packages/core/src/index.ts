export { type BackupResult, backup } from './backup/backup.js'
export type { BackupOptions, IncrementalOptions } from './backup/backup-options.js'
export { recordHash } from './backup/batch-lines.js'
export { type ConsolidateOptions, consolidate } from './backup/consolidate.js'
export { type RecordsResource, records } from './backup/records-source.js'
export { toInfo } from './chain/chain-source.js'
export { type Difference, type DiffOptions, diff } from './chain/diff.js'
export { overlay, present } from './chain/merge-sorted.js'
export { type ReadManifest, readManifest, readManifests } from './chain/open-chain.js'
export { type RotateKeysOptions, type RotateKeysReport, rotateKeys } from './chain/rotate-keys.js'
export { contentHash } from './chain/state-hash.js'
export { type Compression, compression, compressionNames } from './codecs/compression.js'
export { gzip } from './codecs/gzip.js'
export { brotli, deflate, zstd } from './codecs/stream-codecs.js'
export type { TakenOut } from './deletion/delete-or-tombstone.js'
export {
  type PrunedBackup,
  type PruneOptions,
  type PruneReport,
  prune,
} from './deletion/prune.js'
export type { PruneDecision, PrunePlan } from './deletion/prune-plan.js'
export { type PurgedBackup, type PurgeOptions, type PurgeReport, purge } from './deletion/purge.js'
export { type RemoveOptions, type RemoveReport, remove } from './deletion/remove.js'
export { type SweepOptions, type SweepReport, sweep } from './deletion/sweep.js'
export { type UndeleteOptions, type UndeleteReport, undelete } from './deletion/undelete.js'
export { type ErrorCode, errorTable, type Operation, operationTable } from './error-table.js'
export { BackupError, type BackupErrorDetails, isBackupError } from './errors.js'
export { checkBackupId, createBackupId, isBackupId, parseBackupId } from './format/backup-id.js'
export { compareIds } from './format/compare-ids.js'
export { firstKeyPart, keyFilesOf, keyGeneration } from './format/key-files.js'
export { directoryOf, fileKey, isOfNoBackup, manifestFile, reportPrefix } from './format/layout.js'
export type { Losses, Manifest, ManifestEncryption, Part, ResourceEntry } from './format/manifest.js'
export { objectKindOf } from './format/object-kind.js'
export { type PathTemplate, parsePathTemplate, renderFolder } from './format/path-template.js'
export {
  type Catalog,
  type CatalogEntry,
  type CatalogList,
  catalogOf,
  type DamagedEntry,
  openCatalog,
} from './inventory/catalog.js'
export { type DeletedBackup, deleted } from './inventory/deleted.js'
export { type FailedBackup, failed } from './inventory/failed.js'
export {
  type Inventory,
  type InventoryOptions,
  inventory,
  type Wanted,
  without,
} from './inventory/inventory.js'
export type {
  BegunEntry,
  DeletedEntry,
  FailedEntry,
  FinishedEntry,
  InventoryEntry,
  SpoiltEntry,
} from './inventory/inventory-entry.js'
export { defaultGrace } from './inventory/started.js'
export type { Holding, StoredDirectory } from './inventory/stored-directory.js'
export { type Unfinished, unfinished } from './inventory/unfinished.js'
export type { JsonValue } from './json.js'
export { nearest } from './nearest.js'
export { parseOptions } from './options.js'
export type {
  CopiedBackup,
  DestinationCapabilities,
  Finding,
  HealedFile,
  ReplicaReport,
  Replicas,
  ReplicasReport,
  ThawCall,
  ThawEvent,
  ThawReport,
} from './ports/capabilities.js'
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
export type { ManifestCache, StampedObject } from './ports/manifest-cache.js'
export type { RowFilter } from './ports/row-filter.js'
export type {
  Batch,
  Description,
  LostRecord,
  Mark,
  Origin,
  ResourceInfo,
  Row,
  RowMark,
  SecondAnswer,
  SecondListing,
  SecondLook,
  SecondLookReport,
  Since,
  Source,
  UnnamedLoss,
} from './ports/source.js'
export type {
  KeptRecords,
  RestoreMode,
  RestorePlan,
  Target,
  UnreadableRecords,
  WriteReport,
} from './ports/target.js'
export type { OnWarning, StorageWarning, StorageWarningCode } from './ports/warning.js'
export { type RestoreResult, restore } from './restore/restore.js'
export type { RestoreOptions } from './restore/restore-options.js'
export type { Doubt } from './salvage/doubts.js'
export type { Proof } from './salvage/piece.js'
export { type SalvageOptions, salvage } from './salvage/salvage.js'
export type { Loss, SalvagedLines } from './salvage/salvage-part.js'
export { type Selection, select } from './select.js'
export { abortable, untilAborted } from './streams/abortable.js'
export { ordered } from './streams/ordered.js'
export { type VerifyOutcome, type VerifyReport, verify, verifyAll } from './verify/verify.js'
export type {
  VerifyAllOptions,
  VerifyChoices,
  VerifyLevel,
  VerifyOptions,
} from './verify/verify-options.js'
