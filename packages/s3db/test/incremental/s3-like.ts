import type { Database } from './real-database.js'

type Client = Database['client']
type Listing = Awaited<ReturnType<Client['listObjects']>>

export interface S3Like {
  /** Called before each page of a listing is made. */
  onPage?: ((prefix: string, page: number) => void | Promise<void>) | undefined
  /** Called before and after each object is read. */
  onRead?: ((key: string, when: 'before' | 'after') => void | Promise<void>) | undefined
  /** Keys on a page, at most. */
  pageSize?: number
  /** The steps of LastModified, in ms: AWS shows whole seconds, other servers milliseconds. */
  step?: number
}

/**
 * Makes a client in memory list as the S3 client does: whole seconds, pages of 1,000 in the order of UTF-8
 * bytes, and keys with the database's own prefix left on.
 */
export function likeS3(client: Client, behaviour: S3Like = {}): void {
  const list = client.listObjects.bind(client)
  const read = client.getObject.bind(client)
  Object.assign(client.config, { endpoint: 'http://s3.test' })
  Object.assign(client, {
    async listObjects(given: Parameters<typeof list>[0] = {}) {
      const { prefix = '', maxKeys = 1000, continuationToken, delimiter } = given
      if (delimiter != null) return foldersAsS3Shows(await list({ ...given, maxKeys: 1000 }), client)
      await behaviour.onPage?.(prefix, continuationToken == null ? 1 : 2)
      const all = await everything(list, prefix)
      const after = all.filter(
        ({ Key = '' }) => continuationToken == null || utf8Order(Key, continuationToken) > 0,
      )
      const page = after.slice(0, Math.min(maxKeys, behaviour.pageSize ?? 1000))
      const more = page.length < after.length
      return {
        IsTruncated: more,
        ...(more ? { NextContinuationToken: page.at(-1)?.Key } : {}),
        KeyCount: page.length,
        Contents: page.map((entry) => asS3Shows(entry, client.config.keyPrefix, behaviour.step ?? 1000)),
      }
    },
    async getObject(key: string) {
      await behaviour.onRead?.(key, 'before')
      const object = await read(key)
      await behaviour.onRead?.(key, 'after')
      return object
    },
  })
}

async function everything(list: Client['listObjects'], prefix: string) {
  const { Contents = [] } = await list({ prefix, maxKeys: Number.MAX_SAFE_INTEGER })
  return [...Contents].sort((a, b) => utf8Order(a.Key ?? '', b.Key ?? ''))
}

function utf8Order(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}

/** Enough for the few resources of a test: one page. */
function foldersAsS3Shows({ CommonPrefixes = [] }: Listing, { config: { keyPrefix } }: Client) {
  const withPrefix = (name: string) => (keyPrefix === '' ? name : `${keyPrefix}/${name}`)
  return {
    IsTruncated: false,
    KeyCount: CommonPrefixes.length,
    Contents: [],
    CommonPrefixes: CommonPrefixes.map(({ Prefix = '' }) => ({ Prefix: withPrefix(Prefix) })),
  }
}

function asS3Shows(entry: NonNullable<Listing['Contents']>[number], keyPrefix: string, step: number) {
  const time = new Date(entry.LastModified ?? 0).getTime()
  return {
    ...entry,
    Key: keyPrefix === '' ? entry.Key : `${keyPrefix}/${entry.Key}`,
    LastModified: new Date(Math.floor(time / step) * step),
  }
}

/** Counts what a client is asked for. */
export function countRequests(client: Client): { list: number; get: number; head: number } {
  const requests = { list: 0, get: 0, head: 0 }
  const count = (name: 'listObjects' | 'getObject' | 'headObject', what: keyof typeof requests) => {
    const original: unknown = Reflect.get(client, name)
    if (typeof original !== 'function') return
    Object.assign(client, {
      [name]: (...given: unknown[]): unknown => {
        requests[what] += 1
        return Reflect.apply(original, client, given)
      },
    })
  }
  count('listObjects', 'list')
  count('getObject', 'get')
  count('headObject', 'head')
  return requests
}
