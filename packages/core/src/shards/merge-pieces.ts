import type { ExportedResource } from '../backup/export/export-resource.js'
import { losses, type NamesLeft } from '../backup/losses/losses.js'
import { emptyState, sumOfStates } from '../chain/state-hash.js'
import { BackupError } from '../errors.js'
import type { JsonValue } from '../json.js'
import type { Part, ResourceEntry, SecondLookReport } from '../manifest.js'
import type { SourceRanges } from '../ports/source.js'
import type { MadePiece } from './shard-plan.js'

export interface Merging {
  readonly resource: string
  /** In the order of their ranges. */
  readonly pieces: readonly MadePiece[]
  /** The parent's entry of the resource, if the pieces are the changes since. */
  readonly base: ResourceEntry | undefined
  readonly namesLeft: NamesLeft
  readonly ranges: SourceRanges | undefined
}

const kinds = ['rows', 'raw', 'index', 'deleted', 'offsets']

/**
 * The sum of a resource's pieces: their parts one after the other, their counts and state hashes summed, their losses
 * collected. Throws `corrupt` unless the pieces together saw exactly what the parent has.
 */
export function mergePieces({ resource, pieces, base, namesLeft, ranges }: Merging): ExportedResource {
  const [first] = pieces
  if (first === undefined) throw new BackupError('corrupt', `No shard of the plan has read ${resource}`)
  checkBefore(resource, pieces, base)
  const entries = pieces.map(({ entry }) => entry)
  const sum = (count: (entry: ResourceEntry) => number) =>
    entries.reduce((total, entry) => total + count(entry), 0)
  const before = base?.state.after ?? emptyState
  const parts = inOrder(pieces)
  const lost = losses(namesLeft)
  for (const { lost: named, lostWithoutId = [] } of entries) lost.add(named, lostWithoutId)
  const {
    cursor: _cursor,
    secondLook: _look,
    contentHash: _hash,
    lostWithoutId: _lost,
    ...rest
  } = first.entry
  const cursor = joinedCursor(entries, ranges)
  const looks = entries.flatMap(({ secondLook }) => secondLook ?? [])
  return {
    parts,
    entry: {
      ...rest,
      recordCount: sum(({ recordCount }) => recordCount),
      exportFile: parts.find(({ holds }) => holds === 'rows')?.file ?? '',
      bytesWritten: sum(({ bytesWritten }) => bytesWritten),
      whole: base === undefined,
      totalCount: (base?.totalCount ?? 0) + sum(({ totalCount }) => totalCount),
      replacedCount: sum(({ replacedCount }) => replacedCount),
      deletedCount: sum(({ deletedCount }) => deletedCount),
      state: { before, after: sumOfStates([before, ...entries.map(({ state }) => state.after)]) },
      // Ranges do not overlap, and a worker refuses ids outside its own. So if each piece is in order, the whole is.
      ordered: entries.every(({ ordered }) => ordered),
      vanished: sum(({ vanished }) => vanished),
      ...lost.result(),
      ...(entries.every(({ contentHash }) => contentHash === 'lines') ? { contentHash: 'lines' } : {}),
      ...(cursor === undefined ? {} : { cursor }),
      ...(looks.length === 0 ? {} : { secondLook: sumOfLooks(looks) }),
    },
  }
}

function inOrder(pieces: readonly MadePiece[]): Part[] {
  const parts = pieces.flatMap((piece) => [...piece.parts])
  return kinds.flatMap((kind) => parts.filter(({ holds }) => holds === kind))
}

function checkBefore(resource: string, pieces: readonly MadePiece[], base: ResourceEntry | undefined): void {
  const states = pieces.map(({ before }) => before ?? undefined)
  const known = states.filter((state) => state !== undefined)
  const fits =
    base === undefined
      ? known.length === 0
      : known.length === pieces.length && sumOfStates(known) === base.state.after
  if (fits && pieces.every(({ entry }) => entry.whole === (base === undefined))) return
  throw new BackupError('corrupt', `The shards did not compare ${resource} with the parent`, {
    suggestion: 'Verify the parent. Abort the plan, and take a full backup if the parent is damaged.',
    metadata: { resource },
  })
}

function joinedCursor(
  entries: readonly ResourceEntry[],
  ranges: SourceRanges | undefined,
): JsonValue | undefined {
  const cursors = entries.flatMap(({ cursor }) => (cursor === undefined ? [] : [cursor]))
  return entries.length === 1 ? cursors[0] : ranges?.joinCursors?.(cursors)
}

function sumOfLooks(looks: readonly SecondLookReport[]): SecondLookReport {
  const sum = (field: 'missing' | 'asked' | 'gone' | 'found' | 'kept' | 'listings' | 'requests') =>
    looks.reduce((total, look) => total + look[field], 0)
  const problem = looks.find((look) => look.problem !== undefined)?.problem
  return {
    missing: sum('missing'),
    asked: sum('asked'),
    gone: sum('gone'),
    found: sum('found'),
    kept: sum('kept'),
    listings: sum('listings'),
    requests: sum('requests'),
    ...(problem === undefined ? {} : { problem }),
  }
}
