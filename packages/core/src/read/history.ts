import { type Link, toMark } from '../chain/read-index.js'
import { type BackupError, isBackupError } from '../errors.js'
import { catalogOf } from '../inventory/catalog.js'
import type { Inventory } from '../inventory/inventory.js'
import type { CatalogEntry } from '../inventory/manifest-entry.js'
import { entryOf, type Manifest } from '../manifest.js'
import type { Call } from '../ports/driver.js'
import type { IndexEntry, Row } from '../ports/source.js'
import { ordered } from '../streams/ordered.js'
import { doubtOf, lostRecord } from './lost-record.js'
import type { OpenLink } from './open-once.js'
import { readSpan } from './read-span.js'
import { spanOf } from './span.js'
import { openPlace } from './units.js'

/** A backup in which a record is another one than in the backup before, or that could not be asked. */
export interface RecordVersion {
  /** The backup that has it so first. */
  readonly backupId: string
  /** When that backup was begun, ISO 8601, UTC. */
  readonly exportedAt: string
  /** `gone`: the record was there before, and this backup does not have it. `unreadable`: unknown, see `error`. */
  readonly change: 'appeared' | 'changed' | 'gone' | 'unreadable'
  /** The time of its last change according to the database, in ms since 1970; 0 if unknown. */
  readonly modified?: number | undefined
  /** Its content hash. */
  readonly hash?: string | undefined
  /** The record in that backup, if rows were requested and it has one. */
  readonly row?: Row | undefined
  readonly error?: BackupError | undefined
}

/** One version of a record. */
export interface HistoryOptions {
  /** Also the record itself: one or two small reads more for each version. Default `false`. */
  readonly rows?: boolean | undefined
}

/** Backups that are asked at once. */
const backupsInFlight = 8

/**
 * What became of a record over all backups of a series, the oldest first, from their key indexes. A backup that cannot
 * be read is reported and skipped.
 */
export async function* recordHistory(
  here: Inventory,
  asked: {
    readonly series: string
    readonly resource: string
    readonly id: string
    /** Gives the record as a backup has it; left out if not requested. */
    readonly rowAt?: ((entry: CatalogEntry) => Promise<Row | undefined>) | undefined
  },
  openLink: OpenLink,
  call: Call,
): AsyncGenerator<RecordVersion> {
  const { series, resource, id, rowAt } = asked
  const { backups } = await catalogOf(here).list(call)
  const entries = backups.filter(({ manifest }) => manifest.set === series).reverse()
  let before: IndexEntry | undefined
  // What is unchanged is as the parent has it, which need not be the backup before.
  const known = new Map<string, IndexEntry | undefined>()
  for await (const { entry, says } of ordered(entries, backupsInFlight, (entry) =>
    ask(entry, () => openLink(entry).then((link) => markIn(link, resource, id)), call),
  )) {
    const { id: backupId, manifest } = entry
    const about = { backupId, exportedAt: manifest.exportedAt }
    if ('error' in says) {
      yield { ...about, change: 'unreadable', error: says.error }
      continue
    }
    const now = says.unchanged === true ? asParent(manifest, known, before) : says.mark
    if (says.doubt !== undefined && now === undefined && before !== undefined) {
      yield { ...about, change: 'unreadable', error: says.doubt }
      continue
    }
    known.set(backupId, now)
    const change = changeFrom(before, now)
    before = now
    if (change === undefined) continue
    const row = change === 'gone' ? undefined : await rowAt?.(entry)
    yield {
      ...about,
      change,
      ...(now === undefined ? {} : { modified: now.modified, hash: now.hash }),
      ...(row === undefined ? {} : { row }),
    }
  }
}

/** As the parent of a backup has a record; as the backup before, where the parent could not be asked. */
function asParent(
  { parent }: Manifest,
  known: ReadonlyMap<string, IndexEntry | undefined>,
  before: IndexEntry | undefined,
): IndexEntry | undefined {
  return parent !== null && known.has(parent) ? known.get(parent) : before
}

function changeFrom(
  before: IndexEntry | undefined,
  now: IndexEntry | undefined,
): RecordVersion['change'] | undefined {
  if (now === undefined) return before === undefined ? undefined : 'gone'
  if (before === undefined) return 'appeared'
  return before.hash === now.hash ? undefined : 'changed'
}

type Says =
  | {
      readonly mark: IndexEntry | undefined
      readonly unchanged?: undefined
      /** Why the record may have been there although the backup does not have it. */
      readonly doubt?: BackupError | undefined
    }
  | { readonly unchanged: true; readonly doubt?: undefined }
  | { readonly error: BackupError }

async function ask(
  entry: CatalogEntry,
  look: () => Promise<Says>,
  { signal }: Call,
): Promise<{ readonly entry: CatalogEntry; readonly says: Says }> {
  try {
    return { entry, says: await look() }
  } catch (error) {
    signal.throwIfAborted()
    if (!isBackupError(error)) throw error
    return { entry, says: { error } }
  }
}

/** A backup's own statement about a record. */
async function markIn(link: Link, resource: string, id: string): Promise<Says> {
  const entry = entryOf(link.manifest, resource)
  if (entry === undefined) return { mark: undefined }
  const lost = entry.lost.find((record) => record.id === id)
  if (lost !== undefined)
    return { error: lostRecord(link.manifest.id, { resource, id, reason: lost.reason }) }
  const place = await openPlace(link, resource)
  for await (const lines of readSpan(place, 'index', spanOf(id)))
    for (const { value, part } of lines) return { mark: toMark(value, link.context, part) }
  if (entry.whole) return { mark: undefined, doubt: doubtOf(link.manifest.id, entry, id) }
  for await (const _ of readSpan(place, 'deleted', spanOf(id))) return { mark: undefined }
  return { unchanged: true }
}
