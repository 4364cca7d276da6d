import { randomUUID } from 'node:crypto'
import { gzip } from '../codecs/gzip.js'
import { checkBackupId, checkBackupType, createBackupId } from '../format/backup-id.js'
import { backupDirectory, partNames } from '../format/layout.js'
import type { Part } from '../format/manifest.js'
import type { PartContext } from '../format/part-writer.js'
import { parsePathTemplate, renderFolder } from '../format/path-template.js'
import type { JsonValue } from '../json.js'
import { parseOptions } from '../options.js'
import type { Codec } from '../ports/codec.js'
import type { Call, Driver } from '../ports/driver.js'
import type { BackupCipher, Encryption, EncryptionInfo } from '../ports/encryption.js'
import type { OnEvent } from '../ports/events.js'
import { guard } from '../ports/guard.js'
import type { RowFilter } from '../ports/row-filter.js'
import type { Source } from '../ports/source.js'
import type { Selection } from '../select.js'
import { followSignal } from '../streams/follow-signal.js'
import { type BackupOptions, backupSchema, type IncrementalOptions } from './backup-options.js'
import { mostNamedInAll, type NamesLeft } from './losses.js'
import { withoutWrites } from './without-writes.js'

/** What the encryption of a backup under way came to. */
export interface EncryptedRun {
  readonly cipher: BackupCipher
  /** For the manifest. */
  readonly info: EncryptionInfo & { readonly keyFile: string }
  /** The key file, stored. */
  readonly keys: Part
}

/** A backup under way: the options, checked, and what follows from them. */
export interface Run {
  readonly id: string
  /** Tells this attempt from any other one under the same id. */
  readonly claim: string
  readonly type: string
  readonly startedAt: Date
  readonly directory: string
  readonly source: Source
  readonly driver: Driver
  readonly selection: Selection
  readonly filter: RowFilter | undefined
  /** What was said of the parent; nothing for a full backup. */
  readonly incremental:
    | (IncrementalOptions & {
        readonly maxChain: number
        readonly fullIfNeeded: boolean | 'first'
      })
    | undefined
  /** The codecs that parts of earlier backups may have been written with. */
  readonly readers: readonly Codec[]
  readonly encryption: Encryption | undefined
  /** Once the backup's key is made and stored. */
  readonly encrypted?: EncryptedRun | undefined
  /** The documented name of the compression in use. */
  readonly compression: string
  readonly verify: boolean
  /** Nothing is stored. */
  readonly dryRun: boolean
  readonly metadata: { readonly [key: string]: JsonValue }
  readonly resourcesInFlight: number
  readonly namesLeft: NamesLeft
  readonly parts: PartContext
  /** Every key that was begun, in order. */
  readonly keys: string[]
  readonly storedBytes: () => number
  readonly onEvent: OnEvent
  readonly call: Call
  /** Whether the caller's signal has aborted. */
  readonly cancelled: () => boolean
  /** Aborts everything under way, because one thing has failed: its error is then the signal's reason. */
  readonly stop: (error: unknown) => void
  readonly now: () => Date
}

/** Checks the options and decides what the whole backup shares: its id, its directory, how parts are made. */
export function startRun(options: BackupOptions): Run {
  const given = parseOptions(backupSchema, options, { what: 'backup options', operation: 'backup' })
  const { type = given.incremental === undefined ? 'full' : 'incremental' } = given
  checkBackupType(type)
  if (given.id !== undefined) checkBackupId(given.id, 'backup')
  const now = given.now ?? (() => new Date())
  const own = new AbortController()
  const signal = followSignal(given.signal, own.signal)
  const driver = given.dryRun ? withoutWrites(guard(given.driver)) : guard(given.driver)
  const codecs = given.codecs ?? [gzip()]
  const startedAt = now()
  const id = given.id ?? createBackupId(type, startedAt)
  // Parsed for its checks: a folder is a template without a root.
  parsePathTemplate(given.folder)
  const directory = backupDirectory(renderFolder(given.folder, { id, type, startedAt }), id)
  const keys: string[] = []
  let stored = 0

  return {
    id,
    claim: randomUUID(),
    type,
    startedAt,
    directory,
    source: given.source,
    driver,
    selection: { resources: given.resources, exclude: given.exclude },
    filter: given.filter,
    incremental: given.incremental,
    readers: codecs,
    encryption: given.encryption,
    compression: codecs[0]?.id ?? 'none',
    verify: given.verify && !given.dryRun,
    dryRun: given.dryRun,
    metadata: given.metadata,
    resourcesInFlight: given.concurrency,
    namesLeft: { count: mostNamedInAll },
    keys,
    storedBytes: () => stored,
    onEvent: given.onEvent ?? (() => undefined),
    call: { signal },
    cancelled: () => given.signal?.aborted === true,
    stop: (error) => own.abort(error),
    now,
    parts: {
      driver,
      backupId: id,
      directory,
      codecs,
      nameOf: partNames(),
      maxContentBytes: Math.min(given.maxPartBytes ?? Number.POSITIVE_INFINITY, contentThatFits(driver)),
      onKey: (key) => keys.push(key),
      onBytes: (bytes) => {
        stored += bytes
      },
      signal,
    },
  }
}

/** Content that fits into an object whatever the codecs make of it: none of them adds 1 % and 64 KiB. */
function contentThatFits(driver: Driver): number {
  const limit = driver.capabilities?.maxObjectBytes
  return limit === undefined ? Number.POSITIVE_INFINITY : Math.max(1, Math.floor(limit * 0.99) - 64 * 1024)
}
