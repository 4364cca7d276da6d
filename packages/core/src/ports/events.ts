import type { Manifest, SecondLookReport } from '../manifest.js'
import type { WriteReport } from './target.js'

/** How far the work on one resource is. Counts are totals so far, not differences. */
export interface Progress {
  readonly resource: string
  readonly records: number
  /** Records the resource has in all, where known. */
  readonly expected: number | undefined
}

/**
 * The events of a running operation, for its `onEvent` callback. The callback is called synchronously; if it throws,
 * the operation fails. `leftover` names objects that a failed backup wrote and could not remove; without a manifest
 * they are not a backup.
 */
export type BackupEvent =
  | {
      readonly type: 'backup-start'
      readonly id: string
      readonly backupType: string
      /** The backup that an incremental one builds on; `null` for a full one. */
      readonly parent: string | null
      readonly resources: readonly string[]
    }
  | ({ readonly type: 'backup-progress'; readonly id: string; readonly bytes: number } & Progress)
  | {
      readonly type: 'backup-resource'
      readonly id: string
      readonly resource: string
      readonly records: number
      readonly lost: number
    }
  | ({
      /** Records that the source did not show were looked for again. */
      readonly type: 'backup-second-look'
      readonly id: string
      readonly resource: string
    } & SecondLookReport)
  | {
      /** Everything was read and stored; now it is read back, or the manifest is stored. */
      readonly type: 'backup-phase'
      readonly id: string
      readonly phase: 'reading-back' | 'committing'
    }
  | { readonly type: 'backup-complete'; readonly id: string; readonly manifest: Manifest }
  | {
      readonly type: 'leftover'
      readonly id: string
      readonly keys: readonly string[]
      readonly error: unknown
    }
  | {
      readonly type: 'restore-start'
      readonly id: string
      readonly chain: readonly string[]
      readonly resources: readonly string[]
    }
  | ({
      readonly type: 'restore-progress'
      readonly id: string
      /** How many of the read records were requested. */
      readonly selected: number
    } & Progress)
  | {
      readonly type: 'restore-resource'
      readonly id: string
      readonly resource: string
      readonly report: WriteReport
    }
  | { readonly type: 'restore-complete'; readonly id: string }
  | {
      readonly type: 'verify-progress'
      readonly id: string
      readonly file: string
      readonly bytes: number
      readonly expected: number
    }
  | {
      readonly type: 'prune-start'
      readonly dryRun: boolean
      readonly remove: readonly string[]
      readonly keep: readonly string[]
    }
  | {
      readonly type: 'prune-remove'
      readonly id: string
      readonly files: number
      readonly bytes: number
      /** Until then it can be brought back, ISO 8601, UTC; `null` if it is gone for good. */
      readonly purgeAfter: string | null
    }
  | { readonly type: 'purge'; readonly id: string; readonly files: number; readonly bytes: number }
  | {
      readonly type: 'prune-complete'
      readonly dryRun: boolean
      readonly removed: number
      readonly kept: number
      readonly bytes: number
    }

export type OnEvent = (event: BackupEvent) => void
