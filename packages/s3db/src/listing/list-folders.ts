import type { Call } from '@s3db-backup/core'
import { type Client, isS3 } from '../client/database.js'
import { fileReads } from '../client/files/file-database.js'
import { foldersInFiles } from '../client/files/list-names.js'
import { listingFolders } from '../client/start-after.js'
import { askClient, brokenOff, inACircle, withoutPrefix } from './ask-client.js'
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
  const tokens = new Set<string>()
  let token: string | undefined
  for (;;) {
    const answer = await askClient(from, { prefix, maxKeys, continuationToken: token, delimiter: '/' }, call)
    const starts = (answer.CommonPrefixes ?? []).flatMap(({ Prefix }) => Prefix ?? [])
    const keys = (answer.Contents ?? []).flatMap(({ Key }) => Key ?? [])
    const folderOf = (key: string) => {
      const end = key.startsWith(prefix) ? key.indexOf('/', prefix.length) : -1
      return end < 0 ? [] : [key.slice(0, end)]
    }
    yield [...starts, ...keys].map((stored) => withoutPrefix(client, stored)).flatMap(folderOf)
    token = answer.NextContinuationToken ?? ''
    if (token === '' && answer.IsTruncated === true) throw brokenOff(prefix, undefined)
    if (token === '') return
    if (tokens.has(token)) throw inACircle(prefix, undefined)
    tokens.add(token)
  }
}
