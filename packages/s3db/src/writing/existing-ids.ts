import { abortable, type Call, compareIds } from '@s3db-backup/core'
import type { Client } from '../client/database.js'
import { ahead } from '../listing/ahead.js'
import type { KeyRange } from '../listing/key-range.js'
import { keySet } from '../listing/key-set.js'
import { type ListedObject, listObjects } from '../listing/listing.js'

/** The ids that a target already has, queried in the order of a backup. */
export interface ExistingIds {
  /** Whether the id exists. Ids skipped on the way are remembered as {@link others}. */
  has(id: string): Promise<boolean>
  /** Every existing id that was not queried, in any order. Lists to the end. */
  others(): AsyncIterable<string>
}

/** The queried ids. */
interface Asked {
  readonly prefix: string
  readonly range: KeyRange | undefined
  /** Whether `others` is called at the end; if not, nothing has to be remembered for it. */
  readonly removesOthers: boolean
}

/**
 * Walks the target's sorted listing side by side with the sorted ids of a backup: one listing, whatever the
 * size, and never a probe for a single key (on S3 a missing one costs s3db.js seconds of retries).
 */
export function existingIds(
  client: Client,
  { prefix, range, removesOthers }: Asked,
  call: Call,
): ExistingIds {
  const pages = ahead(abortable(listObjects(client, prefix, call, { range }), call.signal))
  const passed: string[] = []
  // What is removed at the end must not depend on the order of a listing: some servers use another order.
  const asked = keySet()
  let page: readonly ListedObject[] = []
  let next = 0
  let ended = false
  let last: string | undefined

  const current = async (): Promise<string | undefined> => {
    while (!ended && next >= page.length) {
      const step = await pages.next()
      ended = step.done === true
      page = step.done === true ? [] : step.value
      next = 0
    }
    return page[next]?.key.slice(prefix.length)
  }

  return {
    async has(id) {
      if (removesOthers) asked.add(id)
      if (last !== undefined && compareIds(id, last) <= 0) return passed.includes(id)
      last = id
      for (let candidate = await current(); candidate !== undefined; candidate = await current()) {
        const order = compareIds(candidate, id)
        if (order > 0) return false
        next += 1
        if (order === 0) return true
        passed.push(candidate)
      }
      return false
    },
    async *others() {
      for (const id of passed) if (!asked.has(id)) yield id
      for (let candidate = await current(); candidate !== undefined; candidate = await current()) {
        next += 1
        if (!asked.has(candidate)) yield candidate
      }
    },
  }
}
