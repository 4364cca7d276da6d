import type { Redactor } from '@s3db-backup/core/internal'
import type { BackupPlugin } from '@s3db-backup/plugin'
import type { KnownDrills } from './known-drills.js'
import type { KnownOverview } from './known-overview.js'
import type { OpenedBackups } from './opened-backups.js'
import type { EventLog } from './work/event-log.js'
import type { Jobs } from './work/jobs.js'

/** The database that the plugin works for. */
export interface OwnDatabase {
  /** How people know it: its connection string without credentials. */
  readonly label: string
}

/** A notification that was sent or failed. */
export interface SentNotice {
  /** ISO 8601, UTC. */
  readonly at: string
  /** `heartbeat` or `webhook`. */
  readonly to: string
  /** `start`, `success` or `failure`. */
  readonly event: string
  readonly ok: boolean
  /** The answer, or why there was none. */
  readonly said: string
}

/** What every route is given. */
export interface Page {
  readonly plugin: BackupPlugin
  readonly database: OwnDatabase | undefined
  readonly allowWrites: boolean
  readonly redactor: Redactor
  readonly placeOptions: string
  readonly following: boolean
  readonly jobs: Jobs
  readonly log: EventLog
  /** The answers of notification receivers; `undefined` if there are none. */
  readonly notified: (() => readonly SentNotice[]) | undefined
  /** The content of the destination. */
  readonly overview: KnownOverview
  readonly drills: KnownDrills
  readonly opened: OpenedBackups
  /** Called with defects of this program. */
  readonly onCrash?: ((error: unknown) => void) | undefined
  /** Aborts when the server is closed. */
  readonly signal: AbortSignal
}
