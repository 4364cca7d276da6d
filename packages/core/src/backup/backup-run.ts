import { randomUUID } from 'node:crypto'
import { gzip } from '../codecs/gzip.js'
import { checkBackupId, checkBackupType, createBackupId } from '../format/backup-id.js'
import { backupDirectory } from '../format/layout.js'
import { parsePathTemplate, renderFolder } from '../format/path-template.js'
import type { Attempt } from '../inventory/attempt.js'
import type { JsonValue } from '../json.js'
import { parseOptions } from '../options.js'
import type { Codec } from '../ports/codec.js'
import type { Call, Driver } from '../ports/driver.js'
import type { Encryption } from '../ports/encryption.js'
import type { OnEvent } from '../ports/events.js'
import { guard } from '../ports/guard.js'
import type { RowFilter } from '../ports/row-filter.js'
import type { Source } from '../ports/source.js'
import type { Selection } from '../select.js'
import { followSignal } from '../streams/follow-signal.js'
import { type BackupOptions, backupSchema, type IncrementalOptions } from './backup-options.js'
import { withoutWrites } from './without-writes.js'

/** Where a backup is written. */
export interface Destination {
  readonly driver: Driver
  /** Every key whose upload was started, in order. A failing backup removes them. */
  readonly keys: string[]
}

/** The options of a backup, checked. */
export interface Choices {
  readonly source: Source
  readonly selection: Selection
  readonly filter: RowFilter | undefined
  /** The options about the parent; `undefined` for a full backup. */
  readonly incremental:
    | (IncrementalOptions & {
        readonly maxChain: number
        readonly fullIfNeeded: boolean | 'first'
      })
    | undefined
  /** The first one writes; the others may have written parts of earlier backups. */
  readonly codecs: readonly Codec[]
  readonly encryption: Encryption | undefined
  /** In bytes, as the format counts content. */
  readonly maxPartBytes: number | undefined
  readonly verify: boolean
  /** Nothing is stored. */
  readonly dryRun: boolean
  readonly metadata: { readonly [key: string]: JsonValue }
  readonly resourcesInFlight: number
}

/** How a backup that is under way hears from its caller and speaks to it. */
export interface Control {
  readonly call: Call
  readonly onEvent: OnEvent
  /** Whether the caller's signal has aborted. */
  readonly cancelled: () => boolean
  /** Aborts everything under way, because one thing has failed: its error is then the signal's reason. */
  readonly stop: (error: unknown) => void
  readonly now: () => Date
}

/** A backup under way. Each step takes as much of it as it needs. */
export interface Run extends Attempt, Destination, Choices, Control {}

/** Checks the options and decides what the whole backup shares: its id, its directory, where it is written. */
export function startRun(options: BackupOptions): Run {
  const given = parseOptions(backupSchema, options, { what: 'backup options', operation: 'backup' })
  const now = given.now ?? (() => new Date())
  const own = new AbortController()
  return {
    ...attemptOf(given, now()),
    driver: given.dryRun ? withoutWrites(guard(given.driver)) : guard(given.driver),
    keys: [],
    source: given.source,
    selection: { resources: given.resources, exclude: given.exclude },
    filter: given.filter,
    incremental: given.incremental,
    codecs: given.codecs ?? [gzip()],
    encryption: given.encryption,
    maxPartBytes: given.maxPartBytes,
    verify: given.verify && !given.dryRun,
    dryRun: given.dryRun,
    metadata: given.metadata,
    resourcesInFlight: given.concurrency,
    call: { signal: followSignal(given.signal, own.signal) },
    onEvent: given.onEvent ?? (() => undefined),
    cancelled: () => given.signal?.aborted === true,
    stop: (error) => own.abort(error),
    now,
  }
}

function attemptOf(
  given: Pick<BackupOptions, 'id' | 'type' | 'incremental' | 'folder'>,
  startedAt: Date,
): Attempt {
  const { type = given.incremental === undefined ? 'full' : 'incremental' } = given
  checkBackupType(type)
  if (given.id !== undefined) checkBackupId(given.id, 'backup')
  const id = given.id ?? createBackupId(type, startedAt)
  // Parsing checks the folder, which is a template without a root.
  parsePathTemplate(given.folder ?? '')
  const directory = backupDirectory(renderFolder(given.folder ?? '', { id, type, startedAt }), id)
  return { id, claim: randomUUID(), type, startedAt, directory }
}
