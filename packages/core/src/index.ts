export { type BackupResult, backup } from './backup.js'
export { createBackupId, isBackupId } from './backup-id.js'
export type { BackupOptions, IncrementalOptions } from './backup-options.js'
export { type Catalog, type CatalogEntry, type DamagedEntry, openCatalog } from './catalog.js'
export { toInfo } from './chain-source.js'
export type { Codec, CodecContext } from './codec.js'
export { type Compression, compression, compressionNames } from './codecs/compression.js'
export { gzip } from './codecs/gzip.js'
export { brotli, deflate, zstd } from './codecs/stream-codecs.js'
export { compareIds } from './compare-ids.js'
export { type ConsolidateOptions, consolidate } from './consolidate.js'
export { type DeletedBackup, deleted } from './deletion/deleted.js'
export {
  type PrunedBackup,
  type PruneOptions,
  type PruneReport,
  prune,
} from './deletion/prune.js'
export type { PruneDecision, PrunePlan } from './deletion/prune-plan.js'
export { type PurgedBackup, type PurgeOptions, type PurgeReport, purge } from './deletion/purge.js'
export { type RemoveOptions, type RemoveReport, remove } from './deletion/remove.js'
export type { TakenOut } from './deletion/take-out.js'
export { type UndeleteOptions, type UndeleteReport, undelete } from './deletion/undelete.js'
export { type Difference, type DiffOptions, diff } from './diff.js'
export type { Call, Driver, DriverCapabilities, GetCall, ObjectInfo } from './driver.js'
export type { BackupCipher, BegunEncryption, Encryption, EncryptionInfo } from './encryption.js'
export { type ErrorCode, errorTable, type Operation, operationTable } from './error-table.js'
export { BackupError, type BackupErrorDetails, isBackupError } from './errors.js'
export type { BackupEvent, OnEvent, Progress } from './events.js'
export { type FailedBackup, failed } from './failed.js'
export { guard } from './guard.js'
export type { JsonValue } from './json.js'
export { firstKeyPart, keyFilesOf, keyGeneration } from './key-files.js'
export { directoryOf, isOfNoBackup, reportPrefix } from './layout.js'
export { type Manifest, manifestSchema, type Part, type ResourceEntry } from './manifest.js'
export { nearest } from './nearest.js'
export { type ReadManifest, readManifest, readManifests } from './open-chain.js'
export { parseOptions } from './options.js'
export { overlay, present } from './overlay.js'
export { type PathTemplate, parsePathTemplate, renderFolder } from './path-template.js'
export { type RecordsResource, records } from './records-source.js'
export { type RestoreResult, restore } from './restore.js'
export type { RestoreOptions } from './restore-options.js'
export { type RotateKeysOptions, type RotateKeysReport, rotateKeys } from './rotate-keys.js'
export type { RowFilter } from './row-filter.js'
export type { Proof } from './salvage/piece.js'
export { type SalvageOptions, salvage } from './salvage/salvage.js'
export type { Loss, SalvagedLines } from './salvage/salvage-part.js'
export { type Selection, select } from './select.js'
export type {
  Batch,
  Description,
  LostRecord,
  Mark,
  Origin,
  ResourceInfo,
  Row,
  Since,
  Source,
} from './source.js'
export { contentHash } from './state-hash.js'
export { abortable, untilAborted } from './streams/abortable.js'
export { ordered } from './streams/ordered.js'
export { defaultGrace, type SweepOptions, type SweepReport, sweep } from './sweep.js'
export type { RestoreMode, RestorePlan, Target, WriteReport } from './target.js'
export { type Unfinished, unfinished } from './unfinished.js'
export { type VerifyReport, verify } from './verify.js'
export type { VerifyLevel, VerifyOptions } from './verify-options.js'
