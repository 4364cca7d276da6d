import { withoutRecords } from '../../filter-batch.js'
import { compareIds } from '../../format/compare-ids.js'
import type { SecondLookReport } from '../../manifest.js'
import type { Call } from '../../ports/driver.js'
import type { Batch, IndexEntry, SecondLook } from '../../ports/source.js'
import { addAnswer, type Missing, noAdditions, withAdditions } from './add-found.js'
import { askStorage } from './ask-storage.js'
import { type BatchSpan, spanOf } from './batch-span.js'
import { decideDeferred } from './decide-deferred.js'
import { deferred } from './deferred.js'
import { expectedIds } from './expected-ids.js'

export interface WatchOptions {
  readonly look: SecondLook
  readonly resource: string
  /** Records that should be among those that are read, ids ascending. */
  readonly expected: AsyncIterable<readonly IndexEntry[]>
  /** The parent's entry of a record that is expected, if the backup builds on one that has it. */
  readonly before: (id: string) => IndexEntry | undefined
  /** Ids that an earlier backup lost. They are always requested, however many are missing. */
  readonly lostBefore: ReadonlySet<string>
  readonly call: Call
}

/** Looks again for records that a source did not return. */
export interface Watch {
  /** The batches of the source, with the records that are there after all, and with confirmed deletions only. */
  read(batches: AsyncIterable<Batch>): AsyncIterable<Batch>
  /** Keeps deletions of a batch back if those before them are not decided yet: they are stored in order. */
  hold(batch: Batch): Batch
  /** The deferred decisions. Called once, after everything was read. */
  decide(): AsyncIterable<Batch>
  report(): SecondLookReport | undefined
}

/** How many missing records of a resource are requested one by one. */
const mostAsked = 1_000

export function watch({ look, resource, expected, before, lostBefore, call }: WatchOptions): Watch {
  const awaited = expectedIds(expected)
  const later = deferred()
  const found = new Set<string>()
  const counts = { missing: 0, asked: 0, gone: 0, found: 0, kept: 0, listings: 0, requests: 0 }
  let undecided: Missing[] = []
  let last: string | undefined
  let problem: string | undefined

  /** What should have come up to here and did not. */
  async function missingUpTo(id: string | undefined, { ids }: Pick<BatchSpan, 'ids'>): Promise<Missing[]> {
    const missing: Missing[] = []
    if (problem !== undefined) return missing
    try {
      for await (const mark of awaited.upTo(id)) {
        if (!ids.has(mark.id)) missing.push({ id: mark.id, before: before(mark.id) })
      }
    } catch (error) {
      call.signal.throwIfAborted()
      // The earlier backup is damaged or was removed. That is no reason for this one to fail.
      problem = error instanceof Error ? error.message : String(error)
    }
    return missing
  }

  async function resolve(
    batch: Batch,
    sure: readonly IndexEntry[],
    missing: readonly Missing[],
  ): Promise<Batch> {
    counts.missing += missing.length
    const room = later.count() > 0 || undecided.length > 0 ? 0 : Math.max(0, mostAsked - counts.asked)
    const [now, then] = [missing.slice(0, room), missing.slice(room)]
    undecided = then
    if (now.length === 0) return withAdditions(batch, noAdditions(), sure)
    const ids = now.map(({ id }) => id)
    const { answers, requests } = await askStorage(look, resource, ids, call)
    counts.asked += ids.length
    counts.requests += requests
    const additions = noAdditions()
    for (const record of now) {
      const answer = answers.get(record.id)
      if (answer === undefined) continue
      addAnswer(additions, record, answer)
      counts[answer.is === 'gone' ? 'gone' : answer.is === 'there' ? 'found' : 'kept'] += 1
      if (answer.is === 'there') found.add(record.id)
    }
    return withAdditions(batch, additions, sure)
  }

  async function lookAt(given: Batch): Promise<Batch> {
    const batch = found.size === 0 ? given : withoutRecords(given, found)
    const span = spanOf(batch)
    const disordered =
      !span.ascends || (last !== undefined && span.first !== undefined && compareIds(span.first, last) < 0)
    if (disordered) problem ??= 'the ids did not come in order'
    last = span.last ?? last
    const confirmed = new Set(batch.confirmed)
    const { deleted = [] } = batch
    const sure = deleted.filter(({ id }) => confirmed.has(id))
    const missing = deleted
      .filter(({ id }) => !confirmed.has(id))
      .map((mark): Missing => ({ id: mark.id, before: mark }))
    if (span.last !== undefined) missing.push(...(await missingUpTo(span.last, span)))
    return resolve(
      batch,
      sure,
      missing.sort((a, b) => compareIds(a.id, b.id)),
    )
  }

  return {
    async *read(batches) {
      try {
        for await (const batch of batches) yield await lookAt(batch)
        const missing = await missingUpTo(undefined, { ids: new Set() })
        if (missing.length > 0) yield await resolve({ rows: [] }, [], missing)
      } finally {
        await awaited.close()
      }
    },

    hold(batch) {
      if (undecided.length === 0 && later.count() === 0) return batch
      const unsure = undecided.map(({ id, before }) => ({
        id,
        modified: 0,
        hash: before?.hash ?? '',
        sure: false,
      }))
      const sure = (batch.deleted ?? []).map((mark) => ({ ...mark, sure: true }))
      undecided = []
      later.add([...unsure, ...sure].sort((a, b) => compareIds(a.id, b.id)))
      return { ...batch, deleted: [] }
    },

    async *decide() {
      if (later.count() === 0) return
      const { verdict, asked, requests } = await decideDeferred(look, resource, later, lostBefore, call)
      counts.asked += asked
      counts.requests += requests
      counts.listings += 1
      for (const marks of later.batches()) {
        const additions = noAdditions()
        for (const mark of marks) {
          const reason = verdict(mark)
          if (reason !== undefined) additions.lost.push({ id: mark.id, reason })
          else if (mark.hash !== '') additions.deleted.push({ id: mark.id, modified: 0, hash: mark.hash })
          if (!mark.sure) counts[reason === undefined ? 'gone' : 'kept'] += 1
        }
        yield withAdditions({ rows: [] }, additions, [])
      }
    },

    report() {
      if (counts.missing === 0 && problem === undefined) return undefined
      return { ...counts, ...(problem === undefined ? {} : { problem }) }
    },
  }
}
