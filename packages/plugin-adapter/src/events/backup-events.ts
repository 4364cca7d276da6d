import type { RemoveReport, StorageWarning, WriteReport } from '@s3db-backup/core'
import type { UndeleteReport } from '@s3db-backup/core/internal'
import type { DrillReport } from '../drill/drill-report.js'
import type { PluginBackup, PluginCleanup, PluginRestore } from '../operations/results.js'
import type { HookName } from '../options/plugin-options.js'

/** The payloads of events, by name. */
export interface BackupEvents {
  /** A backup is about to be written. */
  'plg:backup:start': {
    readonly id: string
    readonly type: string
    readonly parent: string | null
    /** The names of the resources. */
    readonly resources: readonly string[]
    /** The end of the chain that is merged, if the backup comes from `consolidate()`. */
    readonly consolidates?: string | undefined
  }
  /** The work enters another phase. */
  'plg:backup:phase': { readonly id: string; readonly phase: Phase }
  /** Some more records of a resource were written. */
  'plg:backup:progress': ResourceProgress & { readonly type: string; readonly bytes: number }
  /** A backup is finished. */
  'plg:backup:complete': PluginBackup & { readonly consolidates?: string | undefined }
  /** A backup was not made. */
  'plg:backup:error': BackupFailure
  /** A backup was ended before it was finished. `error` comes after it, except for what `stop()` found left over. */
  'plg:backup:cancelled': { readonly id: string } & Partial<BackupFailure>
  /** A restore is about to write. */
  'plg:backup:restore-start': { readonly id: string; readonly resources: readonly string[] }
  /** Some more records of a resource were restored. */
  'plg:backup:restore-progress': ResourceProgress & {
    /** How many of those were requested. */
    readonly selected: number
  }
  /** A resource was restored. The counts are those of its report. */
  'plg:backup:restore-resource': { readonly id: string; readonly resource: string } & Pick<
    WriteReport,
    'restored' | 'replaced' | 'skipped' | 'removed'
  >
  /** A restore is finished. */
  'plg:backup:restore-complete': PluginRestore
  /** A restore failed. */
  'plg:backup:restore-error': { readonly id: string; readonly error: unknown; readonly dryRun: boolean }
  /** Some more of a file was checked. */
  'plg:backup:verify-progress': {
    readonly id: string
    readonly file: string
    readonly bytes: number
    readonly expected: number
  }
  /** The storage lacks a feature; the work continues. */
  'plg:backup:warning': StorageWarning
  /** A backup was deleted. */
  'plg:backup:deleted': RemoveReport
  /** A deleted backup was brought back. */
  'plg:backup:undeleted': UndeleteReport
  /** After a backup, the retention policy removed something, or what had been deleted was removed for good. */
  'plg:backup:cleanup': Pick<PluginCleanup, 'count' | 'removed' | 'purged'>
  /** After a backup, old backups could not be removed. */
  'plg:backup:cleanup-error': { readonly error: unknown }
  /** A hook that comes after the work failed. */
  'plg:backup:hook-error': { readonly hook: HookName; readonly error: unknown }
  /** A scheduled backup was not made, or missed ones could not be looked for. */
  'plg:backup:schedule-error': Scheduled & { readonly occasion: string; readonly error: unknown }
  /** A scheduled drill was made; `ok` says how it went. */
  'plg:backup:drill': Scheduled & DrillReport
  /** A scheduled drill could not be made. */
  'plg:backup:drill-error': Scheduled & { readonly error: unknown }
  /** A scheduled drill was made, and its report could not be kept. */
  'plg:backup:drill-report-error': Scheduled & { readonly id: string; readonly error: unknown }
}

/** The current phase of a backup (listing to committing) or a restore (listing, checking, writing). */
export type Phase = 'listing' | 'reading' | 'reading-back' | 'committing' | 'checking' | 'writing'

interface ResourceProgress {
  readonly id: string
  readonly resource: string
  /** Records so far. */
  readonly records: number
  /** Records in all, if that is known. */
  readonly expected?: number | undefined
}

interface BackupFailure {
  readonly id: string
  readonly type: string
  readonly error: unknown
  readonly consolidates?: string | undefined
}

interface Scheduled {
  /** The names of the entries of the schedule. */
  readonly schedule: readonly string[]
}

export type BackupEventName = keyof BackupEvents

/** The older names of four events, for those who wrote against the older document. */
export const olderNames = {
  'plg:backup:start': 'backup_start',
  'plg:backup:complete': 'backup_complete',
  'plg:backup:error': 'backup_error',
  'plg:backup:restore-complete': 'restore_complete',
} as const

type OlderNames = typeof olderNames

/** The arguments of the plugin's listeners, under newer and older names. */
export type ListenerArguments = {
  [Name in BackupEventName]: [payload: BackupEvents[Name]]
} & {
  [Name in keyof OlderNames as OlderNames[Name]]: [payload: BackupEvents[Name]]
}
