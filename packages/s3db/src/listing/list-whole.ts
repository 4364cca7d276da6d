import { type Call, compareIds } from '@s3db-backup/core'
import type { Client } from '../client/database.js'
import type { FileReads } from '../client/files/file-database.js'
import { listFiles } from '../client/files/list-files.js'
import { askClient, brokenOff, newestOf, objectsOf, withoutRepeats } from './ask-client.js'
import { type KeyRange, within } from './key-range.js'
import { everything, type HowToList, type ListedObject, type ListedPage, pageSize } from './page.js'

/** The objects that the folders of a `file://` database have. */
export async function* listFilesOf(
  files: FileReads,
  prefix: string,
  call: Call,
  { range }: HowToList,
): AsyncGenerator<ListedPage> {
  const found = await listFiles(files, prefix, call, range)
  const newest = found.newest()
  let toCome = found.size()
  for (const objects of found.pages(pageSize)) {
    toCome -= objects.length
    yield { objects, newest, toCome }
  }
}

/**
 * Takes pages from the end of the reversed list, so that listed entries are freed while the rest is still processed. The
 * client's own list, which has much more in it, is freed before the first.
 */
export async function* listAtOnce(
  client: Client,
  prefix: string,
  call: Call,
  { range }: HowToList,
): AsyncGenerator<ListedPage> {
  const rest = await listBackwards(client, prefix, call, range)
  const newest = newestOf(rest)
  while (rest.length > 0) yield { objects: rest.splice(-pageSize).reverse(), newest, toCome: rest.length }
}

async function listBackwards(
  client: Client,
  prefix: string,
  call: Call,
  range: KeyRange | undefined,
): Promise<ListedObject[]> {
  const answer = await askClient(client, { prefix, maxKeys: everything }, call)
  const objects = within(range, objectsOf(client, answer))
  if (answer.IsTruncated === true) throw brokenOff(prefix, objects.at(-1)?.key)
  return withoutRepeats(objects.sort((a, b) => compareIds(b.key, a.key)))
}
