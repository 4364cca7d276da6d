import { newestOf } from '../chain/newest-of.js'
import { openChain } from '../chain/open-chain.js'
import { type Link, linksOf } from '../chain/read-index.js'
import { BackupError } from '../errors.js'
import { compareIds } from '../format/compare-ids.js'
import { catalogOf } from '../inventory/catalog.js'
import { type Inventory, inventory } from '../inventory/inventory.js'
import type { CatalogEntry } from '../inventory/manifest-entry.js'
import { momentOf } from '../inventory/newest.js'
import type { Manifest } from '../manifest.js'
import { onceEach } from '../once-each.js'
import type { Call } from '../ports/driver.js'
import { guard } from '../ports/guard.js'
import type { Row } from '../ports/source.js'
import { followSignal } from '../streams/follow-signal.js'
import { storedContent, toContent } from './content.js'
import { getRecord } from './get-record.js'
import { type HistoryOptions, type RecordVersion, recordHistory } from './history.js'
import { doubtOf, lostRecord } from './lost-record.js'
import { openOnce } from './open-once.js'
import {
  type CheckedOpen,
  type OpenOptions,
  parseOpenOptions,
  parseRecordsOptions,
  type RecordsOptions,
} from './open-options.js'
import { readIds, readRecords, type StoredRecord } from './read-records.js'
import { openPlaces, type Place } from './units.js'

/** A backup, read in place: the database as it was, read-only. */
export interface OpenedBackup {
  readonly id: string
  readonly manifest: Manifest
  /** The backups that it is made of, the full one first, itself last. */
  readonly chain: readonly string[]
  /** The resources, and how many records each had. */
  resources(): readonly { readonly name: string; readonly records: number }[]
  /**
   * The rows of a resource: ids ascending, or as they are stored if the backup has them in no order. Holds a batch of
   * each backup of the chain. In an incomplete backup, see `manifest.losses`, they are those that could be read.
   */
  records(resource: string, options?: RecordsOptions): AsyncIterable<Row>
  /** The same as JSON lines (https://jsonlines.org), in chunks that may end within a line. */
  lines(resource: string, options?: RecordsOptions): AsyncIterable<Uint8Array>
  /** One row; nothing if the backup does not have the record. */
  get(resource: string, id: string, call?: Partial<Call>): Promise<Row | undefined>
  /** In which backups of the series a record appeared, changed and went, the oldest first. */
  history(resource: string, id: string, options?: HistoryOptions): AsyncIterable<RecordVersion>
}

/**
 * Opens a backup for reading, without restoring it: `id`, or the one that has the state at `at`. Reads the manifests of
 * its chain; records are read when they are requested. Every stored byte is compared with a hash of the manifest, or of
 * the backup's offsets, before it is decoded, so that only written bytes are returned.
 *
 * Where a backup has offsets, one record costs one or two small reads of each backup of the chain. Older backups have
 * none; of these, and on storages that cannot read from the middle of an object, parts are read up to the record.
 *
 * Nothing keeps others from removing the backup meanwhile; what is then read throws `corrupt` and names the part.
 *
 * @throws BackupError `invalid_options`, `not_found`, `broken_chain`, `corrupt`, `undecryptable`, `unsupported`, and what
 * the storage says; on abort `signal.reason`. `records`, `lines`, `get` and `history` throw the same; all but `history`
 * throw `not_found` for a resource that the backup does not have, and `get` throws `incomplete` for a record that could
 * not be read when the backup was made, or that may be one of those.
 *
 * @example
 * ```ts
 * import { type Driver, open } from '@s3db-backup/core'
 *
 * async function lastTuesday(driver: Driver) {
 *   const backup = await open({ driver, at: '2026-11-24T12:00:00Z' })
 *   console.log(await backup.get('users', 'u42'))
 *   for await (const row of backup.records('orders', { from: '2026-11', fields: ['total'] })) console.log(row)
 * }
 * ```
 */
export async function open(options: OpenOptions): Promise<OpenedBackup> {
  const given = parseOpenOptions(options)
  const { signal, codecs, encryption, allowPlain } = given
  const driver = guard(given.driver)
  const here = await inventory(driver, { signal })
  const opening = { driver, codecs, encryption, allowPlain, operation: 'open', signal } as const
  const id = given.id ?? (await newestAt(here, given))
  const chain = await openChain({ ...opening, id, inventory: here })
  const { manifest } = newestOf(chain)
  const openLink = openOnce(opening)
  // The offsets of each resource are read once.
  const placesOf = onceEach((resource) => {
    if (!Object.hasOwn(manifest.resources, resource)) throw noSuchResource(manifest, resource)
    return openPlaces(linksOf(chain, resource), resource)
  })
  return {
    id,
    manifest,
    chain: chain.map((link) => link.manifest.id),
    resources: () =>
      Object.values(manifest.resources).map(({ name, totalCount }) => ({ name, records: totalCount })),
    async *records(resource, options = {}) {
      const { fields, ...which } = parseRecordsOptions(options)
      const places = withSignal(await placesOf(resource), which.signal)
      for await (const batch of batchesOf(places, which)) {
        for (const { row } of batch) yield fields === undefined ? row : pick(row, fields)
      }
    },
    async *lines(resource, options = {}) {
      const { fields, ...which } = parseRecordsOptions(options)
      const places = withSignal(await placesOf(resource), which.signal)
      const stored = storedContent(places, { ...which, fields })
      if (stored !== undefined) yield* stored
      else
        for await (const batch of batchesOf(places, which))
          yield toContent(batch, ({ row }) => (fields === undefined ? row : pick(row, fields)))
    },
    async get(resource, id, call = {}) {
      const found = await getRecord(withSignal(await placesOf(resource), call.signal), id)
      if (found === undefined) refuseLost(manifest, resource, id)
      return found?.row
    },
    async *history(resource, id, { rows = false } = {}) {
      const rowOf = async (links: readonly Link[]) =>
        (await getRecord(await openPlaces(links, resource), id))?.row
      // A backup has the records that changed. The whole chain is read only if a record was noted without its row.
      const rowAt = async (entry: CatalogEntry) =>
        (await rowOf([await openLink(entry)])) ??
        rowOf(linksOf(await openChain({ ...opening, id: entry.id, inventory: here }), resource))
      const asked = { series: manifest.set, resource, id, ...(rows ? { rowAt } : {}) }
      yield* recordHistory(here, asked, openLink, { signal })
    },
  }
}

/** The places, read until another signal aborts as well. */
function withSignal(places: readonly Place[], signal: AbortSignal | undefined): readonly Place[] {
  if (signal === undefined) return places
  signal.throwIfAborted()
  return places.map((place) => {
    const { context } = place.link
    const both = followSignal(signal, context.signal)
    return { ...place, link: { ...place.link, context: { ...context, signal: both } } }
  })
}

function batchesOf(
  places: readonly Place[],
  { from, to, ids }: RecordsOptions,
): AsyncIterable<StoredRecord[]> {
  if (ids === undefined) return readRecords(places, { from, to })
  const between = ids.filter(
    (id) => (from === undefined || compareIds(id, from) >= 0) && (to === undefined || compareIds(id, to) < 0),
  )
  return readIds(places, between)
}

function pick(row: Row, fields: readonly string[]): Row {
  const chosen = fields.flatMap((field) => (Object.hasOwn(row, field) ? [[field, row[field]]] : []))
  return { ...Object.fromEntries(chosen), id: row.id }
}

async function newestAt(here: Inventory, { at, signal }: CheckedOpen): Promise<string> {
  const latest = at?.getTime() ?? Number.POSITIVE_INFINITY
  const { backups } = await catalogOf(here).list({ signal })
  const found = backups
    .filter(({ manifest, datedAhead }) => datedAhead !== true && momentOf(manifest) <= latest)
    .sort((a, b) => momentOf(b.manifest) - momentOf(a.manifest))[0]
  if (found !== undefined) return found.id
  throw new BackupError('not_found', `There is no backup from ${at?.toISOString()} or earlier`, {
    operation: 'open',
    suggestion: 'List the backups; the oldest one shows how far back they reach.',
  })
}

/** A record that exists but could not be read must not be reported as absent. */
function refuseLost({ id: backupId, resources }: Manifest, resource: string, id: string): void {
  const entry = resources[resource]
  const lost = entry?.lost.find((record) => record.id === id)
  if (lost !== undefined) throw lostRecord(backupId, { resource, id, reason: lost.reason })
  const doubt = entry && doubtOf(backupId, entry, id)
  if (doubt !== undefined) throw doubt
}

function noSuchResource({ id, resources }: Manifest, resource: string): BackupError {
  return new BackupError('not_found', `Backup '${id}' has no resource ${JSON.stringify(resource)}`, {
    operation: 'open',
    suggestion: `It has: ${Object.keys(resources).join(', ') || 'none'}.`,
    metadata: { backupId: id, resource },
  })
}
