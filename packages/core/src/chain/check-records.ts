import { BackupError, isBackupError } from '../errors.js'
import { compareIds } from '../format/compare-ids.js'
import { entryOf } from '../manifest.js'
import { type Cursor, cursor } from './cursor.js'
import { checkNoIdTwice } from './ids-once.js'
import { type LinkRecord, linkRecords, type OnPart } from './link-records.js'
import type { Link } from './read-index.js'
import { stateHash } from './state-hash.js'

/** A backup whose records are checked, and its parent, which a whole backup does not need. */
export interface CheckedLink {
  readonly link: Link
  /** The place of the parent in the list, which is before its children. */
  readonly parent: number | undefined
}

export interface RecordCheck {
  readonly onPart?: OnPart | undefined
  /**
   * Called with the first problem of a backup, be it damage or a failing storage. If it throws, the check ends;
   * otherwise it continues with the backups that do not build on this one.
   */
  readonly onProblem: (link: Link, problem: BackupError) => void
}

/** The state of the check of one backup. */
interface Seen extends CheckedLink {
  readonly records: Cursor<LinkRecord>
  readonly state: ReturnType<typeof stateHash>
  replaced: number
  /** Its content hash of the current record; `undefined` if the record is deleted. */
  now: string | undefined
  touches: boolean
  failed: boolean
}

/**
 * Reads the records of a resource in a chain, or in several that share ancestors, in one pass, every part once, and
 * checks all that a restore of any of them relies on: that rows, raw forms, key indexes and deletions belong together
 * (`linkRecords`), that each backup deletes and replaces what its parent has, as often as its manifest says, and that
 * the records come to the state hash that it states. Holds a batch of each part, whatever their size.
 */
export async function checkRecords(
  links: readonly CheckedLink[],
  resource: string,
  { onPart = () => undefined, onProblem }: RecordCheck,
): Promise<void> {
  const all = links.map((checked): Seen => {
    const before = entryOf(checked.link.manifest, resource)?.state.before
    return {
      ...checked,
      records: cursor(linkRecords(checked.link, resource, onPart)),
      state: stateHash(before),
      replaced: 0,
      now: undefined,
      touches: false,
      failed: false,
    }
  })
  const attempt = async <T>(seen: Seen, work: () => T | Promise<T>): Promise<T | undefined> => {
    try {
      return await work()
    } catch (error) {
      if (!isBackupError(error)) throw error
      fail(seen)
      onProblem(seen.link, error)
      return undefined
    }
  }
  /** Nothing can be said of a backup whose parent is damaged. */
  const fail = (seen: Seen): void => {
    if (seen.failed) return
    seen.failed = true
    const place = all.indexOf(seen)
    for (const child of all) if (child.parent === place) fail(child)
  }
  try {
    // The backups that have more records, ordered by the id of the next one.
    const waiting: Seen[] = []
    for (const seen of all) if (await attempt(seen, () => seen.records.load())) insert(waiting, seen)
    while (waiting.length > 0) {
      const touched = takeFirst(waiting)
      for (const seen of touched) seen.touches = true
      for (const seen of touched.length > 1 ? inOrderOf(all, touched) : touched)
        if (!seen.failed) {
          const problem = apply(seen, all, resource)
          if (problem !== undefined) await attempt(seen, () => Promise.reject(problem))
        }
      for (const seen of touched) {
        seen.touches = false
        seen.records.advance()
        const more = seen.failed
          ? false
          : seen.records.peek() !== undefined || (await attempt(seen, () => seen.records.load()))
        if (more === true) insert(waiting, seen)
      }
    }
    for (const seen of all) if (!seen.failed) await attempt(seen, () => checkEnd(seen, resource))
  } finally {
    await Promise.all(all.map(({ records }) => records.close()))
  }
}

/** Lays what a backup says of a record over what its parent has. Gives what is wrong with it, if anything is. */
function apply(seen: Seen, all: readonly Seen[], resource: string): BackupError | undefined {
  const record = seen.records.peek()
  if (record === undefined) return undefined
  const { id, says, hash } = record
  const before = ofParent(seen, all)
  seen.now = says === 'deleted' ? undefined : hash
  if (says === 'noted')
    return before === hash
      ? undefined
      : wrong(seen, resource, id, 'is noted anew, and its parent does not have it so')
  if (says === 'row') seen.state.add(id, hash)
  else if (before === undefined)
    return wrong(seen, resource, id, 'is deleted, but its parent does not have it')
  if (before === undefined) return undefined
  seen.state.remove(id, before)
  if (says === 'row') seen.replaced += 1
  return undefined
}

/** The parent's state of the current record, from the nearest ancestor that mentions it. */
function ofParent({ parent }: Seen, all: readonly Seen[]): string | undefined {
  const above = parent === undefined ? undefined : all[parent]
  if (above === undefined) return undefined
  return above.touches ? above.now : ofParent(above, all)
}

async function checkEnd({ link, state, replaced }: Seen, resource: string): Promise<void> {
  const entry = entryOf(link.manifest, resource)
  if (entry === undefined) return
  const { id } = link.manifest
  const details = { operation: 'download', metadata: { backupId: id, resource } } as const
  if (replaced !== entry.replacedCount)
    throw new BackupError(
      'corrupt',
      `'${id}' replaces ${replaced} records of ${resource}, not ${entry.replacedCount} as its manifest says`,
      details,
    )
  if (state.value() !== entry.state.after)
    throw new BackupError(
      'corrupt',
      `The records of ${resource} in '${id}' and its ancestors are not the ones that it was made from`,
      details,
    )
  if (!entry.ordered) await checkNoIdTwice(link, resource)
}

function wrong({ link: { manifest } }: Seen, resource: string, id: string, why: string): BackupError {
  return new BackupError(
    'corrupt',
    `In '${manifest.id}', record ${JSON.stringify(id)} of ${resource} ${why}`,
    {
      operation: 'download',
      metadata: { backupId: manifest.id, resource, id },
    },
  )
}

function idOf({ records }: Seen): string {
  return records.peek()?.id ?? ''
}

/** Keeps the list sorted. The largest backup of a chain stays at the front, so that one comparison is enough. */
function insert(waiting: Seen[], seen: Seen): void {
  const id = idOf(seen)
  let at = 0
  while (at < waiting.length && compareIds(idOf(waiting[at] as Seen), id) < 0) at += 1
  waiting.splice(at, 0, seen)
}

function takeFirst(waiting: Seen[]): Seen[] {
  const id = waiting[0] === undefined ? '' : idOf(waiting[0])
  let count = 1
  while (count < waiting.length && idOf(waiting[count] as Seen) === id) count += 1
  return waiting.splice(0, count)
}

/** Parents before their children. */
function inOrderOf(all: readonly Seen[], some: Seen[]): Seen[] {
  return some.sort((a, b) => all.indexOf(a) - all.indexOf(b))
}
