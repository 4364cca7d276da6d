export { type Database, isDatabase } from './client/database.js'
export { databaseSource, type SourceOptions } from './reading/source.js'
export { applyUndo, type UndoOptions } from './undo/apply-undo.js'
export { planUndo, type UndoPlan, type UndoSelection, type UndoStep } from './undo/plan-undo.js'
export type { UndoReport } from './undo/report.js'
export type { Counted } from './versions/counted.js'
export { type DatabaseAtOptions, databaseAt, type PastSource } from './versions/database-at.js'
export { type KeptVersion, mostVersions, recordVersions } from './versions/record-versions.js'
export { type RecoverOptions, type RecoverReport, recover } from './versions/recover.js'
export { type RecoverableWindow, recoverableWindow } from './versions/recoverable-window.js'
export {
  type Snapshot,
  type SnapshotOptions,
  type SnapshotSource,
  snapshotSource,
} from './versions/snapshot.js'
export { databaseTarget, type TargetOptions } from './writing/target.js'
