import { type Call, compareIds } from '@s3db-backup/core'
import type { Client } from '../client/database.js'
import { startingAfter } from '../client/start-after.js'
import { answersOf, newestOf, objectsOf, withoutRepeats } from './ask-client.js'
import { isAfter, notInOrder, within } from './key-range.js'
import { keySet } from './key-set.js'
import { type HowToList, type ListedObject, type ListedPage, pageSize } from './page.js'

/**
 * The objects of a server, page by page. A repeated key counts once: within a page the later entry, further apart, in an
 * unordered listing, the first. Throws what {@link answersOf} throws.
 */
export async function* listPaged(
  client: Client,
  prefix: string,
  call: Call,
  { keysPerPage: maxKeys = pageSize, range }: HowToList,
): AsyncGenerator<ListedPage> {
  const first = startingAfter(client, range?.after)
  const isNew = firstSeen()
  let last: string | undefined
  for await (const answer of answersOf(client, { prefix, maxKeys }, call, { first, last: () => last })) {
    const listed = objectsOf(client, answer).filter(({ key }) => key.startsWith(prefix))
    const found = withoutRepeats(listed).filter(({ key }) => isNew(key))
    if (range !== undefined) checkOrder(found, last)
    last = found.at(-1)?.key ?? last
    const objects = within(range, found)
    if (objects.length > 0) yield { objects, newest: newestOf(objects), toCome: 0 }
    if (last !== undefined && isAfter(range, last)) return
  }
}

/** Only the order of a listing tells where it may stop and where it began. */
function checkOrder(objects: readonly ListedObject[], before: string | undefined): void {
  let last = before
  for (const { key } of objects) {
    if (last !== undefined && compareIds(last, key) > 0) throw notInOrder(last, key)
    last = key
  }
}

/**
 * Detects keys that appear for the first time. A key above all before is new; about 16 bytes per key identify the
 * others.
 */
function firstSeen(): (key: string) => boolean {
  const seen = keySet()
  let highest: string | undefined
  return (key) => {
    if (highest === undefined || compareIds(key, highest) > 0) highest = key
    else if (seen.has(key)) return false
    seen.add(key)
    return true
  }
}
