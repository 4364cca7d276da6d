import type { Call } from '@s3db-backup/core'
import { type Client, isS3 } from '../client/database.js'
import { fileReads } from '../client/files/file-database.js'
import { listFileKeys } from '../client/files/list-names.js'
import { listPaged } from './list-paged.js'
import { listAtOnce, listFilesOf } from './list-whole.js'
import type { HowToList, ListedObject, ListedPage } from './page.js'

export type { ListedObject, ListedPage } from './page.js'

/** Keys on one page of a second listing: its borders fall between other keys than those of the first. */
export const otherPageSize = 619

/**
 * Lists all objects below a prefix, ordered by the UTF-8 bytes of their keys, a page of at most 1,000 at a time.
 * The prefix must end where a key segment or a `=` does.
 *
 * S3 is listed page by page. The files of a `file://` database are listed here: its client leaves out objects that it
 * cannot read. Every other client is asked for everything at once: the paging of `memory://` sorts everything again
 * for each page.
 */
export function listPages(
  client: Client,
  prefix: string,
  call: Call,
  how: HowToList = {},
): AsyncGenerator<ListedPage> {
  if (isS3(client)) return listPaged(client, prefix, call, how)
  const files = fileReads(client)
  if (files !== undefined) return listFilesOf(files, prefix, call, how)
  return listAtOnce(client, prefix, call, how)
}

/** The objects of {@link listPages} alone. */
export async function* listObjects(
  client: Client,
  prefix: string,
  call: Call,
  how: HowToList = {},
): AsyncGenerator<readonly ListedObject[]> {
  for await (const { objects } of listPages(client, prefix, call, how)) yield objects
}

/**
 * The keys alone of what {@link listPages} lists, in any order, for a question in which neither order nor time matters. From
 * files it takes a fraction of the time and of the memory.
 */
export async function* listKeys(
  client: Client,
  prefix: string,
  call: Call,
  { range }: Pick<HowToList, 'range'> = {},
): AsyncGenerator<readonly string[]> {
  const files = fileReads(client)
  if (files !== undefined) yield* listFileKeys(files, prefix, call, range)
  else
    for await (const objects of listObjects(client, prefix, call, { range }))
      yield objects.map(({ key }) => key)
}
