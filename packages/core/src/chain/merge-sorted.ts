import { BackupError } from '../errors.js'
import { compareIds } from '../format/compare-ids.js'
import { type Cursor, cursor } from './cursor.js'

/** Anything that belongs to one id; `deleted` says that from here on there is nothing under it. */
export interface Keyed {
  readonly id: string
  readonly deleted?: true | undefined
}

/**
 * Lays a newer sorted stream over an older one: every id once, in order, the newer entry where both have one.
 * Deletions are kept, so that they hold against what is older still. Holds one batch of each stream.
 *
 * Throws `corrupt` if ids do not ascend: everything that is merged relies on it.
 */
export async function* mergeSorted<T extends Keyed>(
  older: AsyncIterable<readonly T[]>,
  newer: AsyncIterable<readonly T[]>,
): AsyncGenerator<T[]> {
  const below = ascending(older)
  const above = ascending(newer)
  try {
    while ((await below.load()) && (await above.load())) yield mergeLoaded(below, above)
    while (await below.load()) yield below.takeAll()
    while (await above.load()) yield above.takeAll()
  } finally {
    await Promise.all([below.close(), above.close()])
  }
}

/** What two sorted streams have under one id. */
export interface Pair<T> {
  readonly id: string
  readonly before: T | undefined
  readonly after: T | undefined
}

/** Every id of two sorted streams, in order, with what each has under it. Holds one batch of each. */
export async function* pairs<T extends Keyed>(
  before: AsyncIterable<readonly T[]>,
  after: AsyncIterable<readonly T[]>,
): AsyncGenerator<Pair<T>> {
  const left = ascending(before)
  const right = ascending(after)
  try {
    while (true) {
      const old = (await left.load()) ? left.peek() : undefined
      const now = (await right.load()) ? right.peek() : undefined
      if (old === undefined && now === undefined) return
      const order = old === undefined ? 1 : now === undefined ? -1 : compareIds(old.id, now.id)
      if (order <= 0) left.advance()
      if (order >= 0) right.advance()
      const first = order <= 0 ? old : now
      if (first === undefined) return
      yield { id: first.id, before: order <= 0 ? old : undefined, after: order >= 0 ? now : undefined }
    }
  } finally {
    await Promise.all([left.close(), right.close()])
  }
}

/** The entries that are no deletions. */
export async function* withoutTombstones<T extends Keyed>(
  entries: AsyncIterable<readonly T[]>,
): AsyncGenerator<T[]> {
  for await (const batch of entries) yield batch.filter(({ deleted }) => deleted !== true)
}

/** What can be decided without reading on: up to where the first of the two loaded batches ends. */
function mergeLoaded<T extends Keyed>(below: Cursor<T>, above: Cursor<T>): T[] {
  const merged: T[] = []
  for (
    let old = below.peek(), now = above.peek();
    old !== undefined && now !== undefined;
    old = below.peek(), now = above.peek()
  ) {
    const order = compareIds(old.id, now.id)
    merged.push(order < 0 ? old : now)
    if (order <= 0) below.advance()
    if (order >= 0) above.advance()
  }
  return merged
}

/** A cursor that throws `corrupt` if ids do not ascend. */
function ascending<T extends Keyed>(batches: AsyncIterable<readonly T[]>): Cursor<T> {
  let last: string | undefined
  return cursor(batches, (batch) => {
    for (const { id } of batch) {
      if (last !== undefined && compareIds(last, id) >= 0) {
        throw new BackupError('corrupt', `Record ${JSON.stringify(id)} is not in the order of its part`, {
          operation: 'download',
        })
      }
      last = id
    }
  })
}
