import { BackupError } from '../errors.js'
import { isNoteFile, recordKinds } from '../format/layout.js'
import { hasLosses } from '../format/manifest/stated-losses.js'
import { entryOf, type Manifest, type Part, partsOf, type ResourceEntry } from '../manifest.js'
import { sameShape } from './same-shape.js'
import { emptyState } from './state-hash.js'

/** Something that a manifest says and that cannot be so. */
export interface Contradiction {
  /** The resource it is about; nothing if it is about the backup as a whole. */
  readonly resource: string | undefined
  readonly why: string
}

/**
 * Contradictions within a manifest, or with its parent's. A seal proves only that a manifest is as somebody wrote it.
 * These are the sums that every writer gets right and a restore relies on.
 */
export function contradictionsIn(manifest: Manifest, parent: Manifest | undefined): Contradiction[] {
  const entries = [...Object.values(manifest.resources), ...Object.values(manifest.internal)]
  return [
    ...asAWhole(manifest, entries).map((why) => ({ resource: undefined, why })),
    ...entries.flatMap((entry) =>
      [...alone(manifest, entry), ...onParent(entry, parent)].map((why) => ({ resource: entry.name, why })),
    ),
  ]
}

/** The error for the contradictions; `undefined` if there are none. */
export function contradicted({ id }: Manifest, found: readonly Contradiction[]): BackupError | undefined {
  const [first, ...others] = found.map(({ resource, why }) =>
    resource === undefined ? why : `${JSON.stringify(resource)} ${why}`,
  )
  if (first === undefined) return undefined
  const more = others.length === 0 ? '' : `, and ${others.length} more`
  return new BackupError('corrupt', `The manifest of '${id}' contradicts itself: ${first}${more}`, {
    operation: 'download',
    metadata: { backupId: id, problems: [first, ...others].slice(0, 100) },
  })
}

function asAWhole(manifest: Manifest, entries: readonly ResourceEntry[]): string[] {
  const { resources, internal, parts, status } = manifest
  const twice = Object.keys(resources).filter((name) => Object.hasOwn(internal, name))
  const homeless = parts.filter(
    ({ resource, holds }) => recordKinds.has(holds) && entryOf(manifest, resource) === undefined,
  )
  const misnamed = parts.filter(({ file }) => isNoteFile(file))
  const lonely = Object.values(internal).filter(
    ({ of }) => typeof of === 'string' && !Object.hasOwn(resources, of),
  )
  return [
    ...lonely.map(
      ({ name, of }) => `${JSON.stringify(name)} belongs to ${JSON.stringify(of)}, which is not a resource`,
    ),
    ...twice.map((name) => `${JSON.stringify(name)} is both a resource and internal`),
    ...homeless.map(({ file }) => `${file} belongs to no resource`),
    ...misnamed.map(({ file }) => `${file} is the name of a note, not of a part`),
    ...says(status !== 'completed' || !entries.some(hasLosses), 'it is not complete'),
  ]
}

function alone(manifest: Manifest, entry: ResourceEntry): string[] {
  const { name, whole, recordCount, totalCount, replacedCount, deletedCount, ordered } = entry
  const [rows, raw, index, deleted] = ['rows', 'raw', 'index', 'deleted'].map((holds) =>
    partsOf(manifest, name, holds),
  ) as [Part[], Part[], Part[], Part[]]
  const wrong = (field: string, is: number, should: number) =>
    says(is === should, `has a ${field} of ${is} instead of ${should}`)
  return [
    ...wrong('recordCount', recordCount, linesIn(rows)),
    ...wrong('deletedCount', deletedCount, linesIn(deleted)),
    ...wrong(
      'bytesWritten',
      entry.bytesWritten,
      rows.reduce((sum, { bytes }) => sum + bytes, 0),
    ),
    ...says(rows[0]?.file === entry.exportFile, `has ${entry.exportFile} for its first part of rows`),
    ...says(linesIn(raw) <= recordCount, 'has more raw forms than rows'),
    ...says(linesIn(index) >= recordCount, 'has rows without an entry in its key index'),
    ...(whole
      ? [
          ...says(linesIn(index) <= recordCount, 'is whole and has entries in its key index without rows'),
          ...wrong('totalCount', totalCount, recordCount),
          ...says(replacedCount === 0 && deletedCount === 0, 'is whole and replaces or deletes records'),
          ...says(entry.state.before === emptyState, 'is whole and begins with a state'),
        ]
      : [
          ...says(manifest.parent !== null, 'builds on a parent, and the backup has none'),
          ...says(ordered, 'builds on a parent, and its records are not in order'),
          ...says(replacedCount <= recordCount, 'replaces more records than it has'),
        ]),
  ]
}

function onParent(entry: ResourceEntry, parent: Manifest | undefined): string[] {
  if (entry.whole || parent === undefined) return []
  // A parent without the resource has no records of it.
  const before = entryOf(parent, entry.name)
  const total = (before?.totalCount ?? 0) + entry.recordCount - entry.replacedCount - entry.deletedCount
  return [
    ...says(
      entry.state.before === (before?.state.after ?? emptyState),
      `begins with another state than that of '${parent.id}'`,
    ),
    ...says(
      entry.totalCount === total,
      `has a totalCount of ${entry.totalCount} instead of ${total}, which follows from '${parent.id}'`,
    ),
    ...says(before?.ordered !== false, `builds on '${parent.id}', which has its records in no order`),
    ...says(
      before === undefined || sameShape(before, entry),
      `builds on '${parent.id}', which stores its records otherwise`,
    ),
  ]
}

function says(holds: boolean, otherwise: string): string[] {
  return holds ? [] : [otherwise]
}

function linesIn(parts: readonly Part[]): number {
  return parts.reduce((sum, { records }) => sum + records, 0)
}
