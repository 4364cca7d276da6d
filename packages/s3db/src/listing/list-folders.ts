import type { Call } from '@s3db-backup/core'
import { type Client, isS3 } from '../client/database.js'
import { fileReads } from '../client/files/file-database.js'
import { foldersInFiles } from '../client/files/list-names.js'
import { listingFolders } from '../client/start-after.js'
import { answersOf, withoutPrefix } from './ask-client.js'
import { everything, pageSize } from './page.js'

/**
 * The names of the folders directly below a prefix that ends within a name, such as `resource=users` below
 * `resource=`: those of one request at a time. A name may come more than once.
 */
export async function* listFolders(
  client: Client,
  prefix: string,
  call: Call,
): AsyncGenerator<readonly string[]> {
  const files = fileReads(client)
  if (files !== undefined) {
    yield await foldersInFiles(files, prefix, call)
    return
  }
  const from = isS3(client) ? listingFolders(client) : client
  const maxKeys = isS3(client) ? pageSize : everything
  const folderOf = (key: string) => {
    const end = key.startsWith(prefix) ? key.indexOf('/', prefix.length) : -1
    return end < 0 ? [] : [key.slice(0, end)]
  }
  for await (const answer of answersOf(from, { prefix, maxKeys, delimiter: '/' }, call)) {
    const starts = (answer.CommonPrefixes ?? []).flatMap(({ Prefix }) => Prefix ?? [])
    const keys = (answer.Contents ?? []).flatMap(({ Key }) => Key ?? [])
    yield [...starts, ...keys].map((stored) => withoutPrefix(client, stored)).flatMap(folderOf)
  }
}
