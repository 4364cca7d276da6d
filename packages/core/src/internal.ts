/*
 * What our own packages share beyond the public surface. It is not for others: it changes without notice, in any
 * version.
 */

export { type DiffLiveOptions, diffLive, type LiveDifference } from './backup/diff-live.js'
export { recordHash } from './backup/export/batch-lines.js'
export { type RotateKeysOptions, type RotateKeysReport, rotateKeys } from './backup/rotate-keys.js'
export { toInfo } from './chain/chain-source.js'
export { checkManifests } from './chain/check-chain.js'
export { mergeSorted, withoutTombstones } from './chain/merge-sorted.js'
export { openChain, type ReadManifest, readManifest, readManifests } from './chain/open-chain.js'
export { readChain } from './chain/read-chain.js'
export { type Link, linksOf } from './chain/read-index.js'
export { contentHash } from './chain/state-hash.js'
export { compressionNames } from './codecs/compression.js'
export { type PurgedBackup, type PurgeOptions, type PurgeReport, purge } from './deletion/purge.js'
export { type SweepOptions, type SweepReport, sweep } from './deletion/sweep.js'
export { type UndeleteOptions, type UndeleteReport, undelete } from './deletion/undelete.js'
export { errorTable, operationTable } from './error-table.js'
export { checkBackupId, createBackupId, isBackupId, parseBackupId } from './format/backup-id.js'
export { firstKeyPart, keyFilesOf, keyGeneration } from './format/key-files.js'
export { directoryOf, fileKey, isOfNoBackup, manifestFile, partNames, reportPrefix } from './format/layout.js'
export { longestLineEver } from './format/lines.js'
export { everyEntry, hasLosses, howManyLost, leastLost } from './format/manifest/stated-losses.js'
export { storedSize } from './format/manifest/stored-size.js'
export { objectKindOf } from './format/object-kind.js'
export { codecOf } from './format/part-reader.js'
export { type PathTemplate, parsePathTemplate, renderFolder } from './format/path-template.js'
export { damaged, limited, type ReadContext, readStored } from './format/stored-part.js'
export { catalogOf } from './inventory/catalog.js'
export { isDatedAhead } from './inventory/dated-ahead.js'
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
export { isListed } from './inventory/is-listed.js'
export { momentOf } from './inventory/newest.js'
export { defaultGrace } from './inventory/started.js'
export type { Holding, StoredDirectory } from './inventory/stored-directory.js'
export { type Unfinished, unfinished } from './inventory/unfinished.js'
export { type Kept, keepingBackups } from './leases/keep-backups.js'
export { keepingChain } from './leases/keep-chain.js'
export {
  type FolderMaker,
  makeEach,
  makeFolder,
  makeTemporaryFolder,
} from './make-folder.js'
export { partsOf } from './manifest.js'
export { nearest } from './nearest.js'
export { isFunction, isObject, parseOptions } from './options.js'
export type {
  CopiedBackup,
  DestinationCapabilities,
  Finding,
  HealedFile,
  ReplicaPresence,
  ReplicaReport,
  Replicas,
  ReplicasReport,
  ThawCall,
  ThawEvent,
  ThawReport,
} from './ports/capabilities.js'
export { encryptionSchema } from './ports/encryption.js'
export type { ManifestCache, StampedObject } from './ports/manifest-cache.js'
export { type FindOptions, type FoundRecord, find } from './read/find.js'
export type { Doubt } from './salvage/doubts.js'
export type { Loss } from './salvage/losses.js'
export type { Proof } from './salvage/piece.js'
export { type SalvageOptions, salvage } from './salvage/salvage.js'
export type { SalvagedLines } from './salvage/salvage-part.js'
export { type Redactor, redactor, withoutCredentials } from './secrets/redactor.js'
export { type Selection, select } from './select.js'
export { untilAborted } from './streams/abortable.js'
export { followSignal } from './streams/follow-signal.js'
export { ordered } from './streams/ordered.js'
export { errnoOf, systemCause, systemError } from './system-errors.js'
export { type VerifyOutcome, verifyAll } from './verify/verify.js'
export type { VerifyAllOptions } from './verify/verify-options.js'
