import { isDeepStrictEqual } from 'node:util'
import { checkManifests } from '../chain/check-chain.js'
import type { Difference, DiffOptions } from '../chain/diff.js'
import { pairs } from '../chain/merge-sorted.js'
import { openChain } from '../chain/open-chain.js'
import { readChain } from '../chain/read-chain.js'
import type { Link } from '../chain/read-index.js'
import { comparable, refuseUnknown, unreadIn } from '../chain/unread.js'
import { BackupError } from '../errors.js'
import { compareIds } from '../format/compare-ids.js'
import type { JsonValue } from '../json.js'
import type { Call } from '../ports/driver.js'
import type { RowFilter } from '../ports/row-filter.js'
import type { Batch, ResourceInfo, Row, Source } from '../ports/source.js'
import type { UnreadableRecords } from '../ports/target.js'
import { select, selectedOf } from '../select.js'
import { untilAborted } from '../streams/abortable.js'
import { filtered } from './export/filtered.js'
import { baseOf } from './parent/base.js'

export interface DiffLiveOptions extends Omit<DiffOptions, 'from' | 'to'> {
  /** The id of the backup. */
  readonly id: string
  /** The database of today. */
  readonly source: Source
  /**
   * Makes the filter of the backup from its label in the manifest, for the current resources; `undefined` for an unknown
   * label.
   */
  readonly filterOf?:
    | ((label: JsonValue, resources: readonly ResourceInfo[]) => RowFilter | undefined)
    | undefined
}

/** A record that differs between the database and the backup. */
export interface LiveDifference extends Difference {
  /** As the database has it; `undefined` for a removed record. */
  readonly now?: Row | undefined
}

/**
 * The records that were added, changed or removed in a database since a backup was made of it, by resource. The
 * database is listed, and records that seem to have changed are read, as for an incremental backup. If records are
 * stored differently now, all are read and their rows compared. What is written meanwhile may be reported or not. What
 * the backup was not asked for, other resources or records that its filter leaves out, is ignored.
 *
 * @throws BackupError `not_found`, `broken_chain`, `corrupt`, `unsupported` (records in no order, or a filter that is
 * not known), and what the source says; `incomplete` at the end, if there are records that it could not read, or that
 * could not be read when the backup was made: of these nothing is known, and they are no difference.
 */
export async function* diffLive(options: DiffLiveOptions): AsyncGenerator<LiveDifference> {
  const { driver, codecs, encryption, allowPlain, id, source } = options
  const { signal = new AbortController().signal } = options
  const chain = await openChain({ driver, id, codecs, encryption, allowPlain, operation: 'status', signal })
  const { resources } = await untilAborted(() => source.describe({ signal }), signal)
  const manifest = chain.at(-1)?.manifest
  const backedUp = Object.keys(manifest?.resources ?? {})
  const asked = manifest?.selection
  const all = [...new Set([...backedUp, ...resources.map(({ name }) => name)])]
  const names = select(
    asked === undefined ? all : selectedOf(all, { ...asked, resources: asked.resources ?? undefined }),
    options,
  )
  const filter = filterFor(id, asked?.filter ?? null, resources, options)
  checkManifests(
    chain,
    names.filter((name) => backedUp.includes(name)),
  )
  const unread = startUnread()
  const counted: Source = {
    incremental: source.incremental === true,
    describe: (call) => source.describe(call),
    async *read(name, call) {
      for await (const given of source.read(name, call)) {
        const batch = filtered(given, filter, name)
        unread.add(batch, name)
        yield batch
      }
    },
  }
  for (const resource of names) {
    const info = resources.find(({ name }) => name === resource)
    // What the database could not read is known only while it is read, so this looks it up for each record.
    const mayTell = comparable(unreadIn(chain, resource), unread.in(resource))
    for await (const found of differencesOf(chain, resource, info, counted, { signal }))
      if (mayTell(found.id, found.change)) yield { resource, ...found }
  }
  if (unread.count() > 0) throw notRead(unread.count())
  refuseUnknown([chain], names)
}

function filterFor(
  id: string,
  label: JsonValue,
  resources: readonly ResourceInfo[],
  { filterOf }: DiffLiveOptions,
): RowFilter | undefined {
  if (label === null) return undefined
  const filter = filterOf?.(label, resources)
  if (filter !== undefined) return filter
  throw new BackupError(
    'unsupported',
    `Backup '${id}' has only the records of a filter that is not known here, so the database cannot be compared with it`,
    { operation: 'status', suggestion: 'Compare two backups of its series.', metadata: { backupId: id } },
  )
}

/** The records that the database could not read, as far as they came. */
function startUnread() {
  let count = 0
  const found = new Map<string, { readonly ids: Set<string>; others: boolean }>()
  const of = (resource: string) => {
    const known = found.get(resource) ?? { ids: new Set(), others: false }
    found.set(resource, known)
    return known
  }
  return {
    count: () => count,
    in: (resource: string): UnreadableRecords => of(resource),
    add({ lost = [], lostWithoutId = [] }: Batch, resource: string): void {
      const known = of(resource)
      for (const { id } of lost) known.ids.add(id)
      known.others ||= lostWithoutId.length > 0
      count += lostWithoutId.reduce((sum, loss) => sum + (loss.count ?? 1), lost.length)
    },
  }
}

function notRead(records: number): BackupError {
  return new BackupError(
    'incomplete',
    `${records} records of the database could not be read, so nothing is known of them`,
    { operation: 'status', suggestion: 'A backup names each of them and why.' },
  )
}

type Found = Omit<LiveDifference, 'resource'>

async function* differencesOf(
  chain: readonly Link[],
  resource: string,
  info: ResourceInfo | undefined,
  source: Source,
  call: Call,
): AsyncGenerator<Found> {
  const base = info === undefined ? undefined : baseOf(chain, info)
  if (base === undefined || source.incremental !== true) {
    const now = info === undefined ? nothing() : source.read(resource, call)
    yield* compared(readChain(chain, resource), now)
    return
  }
  for await (const batch of source.read(resource, { ...call, since: base.since })) yield* changesIn(batch)
}

function changesIn({ rows, replaced = [], deleted = [] }: Batch): Found[] {
  const before = new Set(replaced.map(({ id }) => id))
  return [
    ...rows.map((now) => ({
      id: now.id,
      change: before.has(now.id) ? ('changed' as const) : ('added' as const),
      now,
    })),
    ...deleted.map(({ id }) => ({ id, change: 'removed' as const })),
  ].sort((a, b) => compareIds(a.id, b.id))
}

/** Two sorted streams of records, compared as people see them. */
async function* compared(before: AsyncIterable<Batch>, after: AsyncIterable<Batch>): AsyncGenerator<Found> {
  for await (const { id, before: old, after: now } of pairs(keyed(before), keyed(after))) {
    if (old === undefined) yield { id, change: 'added', now: now?.row }
    else if (now === undefined) yield { id, change: 'removed' }
    else if (!isDeepStrictEqual(asJson(old.row), asJson(now.row)))
      yield { id, change: 'changed', now: now.row }
  }
}

async function* keyed(batches: AsyncIterable<Batch>): AsyncGenerator<{ id: string; row: Row }[]> {
  for await (const { rows } of batches) yield rows.map((row) => ({ id: row.id, row }))
}

function asJson(row: Row): unknown {
  return JSON.parse(JSON.stringify(row))
}

async function* nothing(): AsyncGenerator<Batch> {
  // The database has no such resource.
}
