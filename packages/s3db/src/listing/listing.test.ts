import { expect, it } from 'vitest'
import type { Client, ClientListing } from '../client/database.js'
import { type ListedPage, listPages } from './listing.js'

const call = { signal: new AbortController().signal }

/** A client that lists everything at once, as those of `memory://` and `file://` do, and keeps what it listed. */
function client(contents: ClientListing['Contents']): Client {
  return {
    config: { endpoint: 'memory://' },
    listObjects: async () => ({ Contents: contents }),
    getObject: async () => ({}),
    putObject: async () => undefined,
    deleteObject: async () => undefined,
  }
}

async function pagesOf(contents: ClientListing['Contents']): Promise<ListedPage[]> {
  const pages: ListedPage[] = []
  for await (const page of listPages(client(contents), 'p/', call)) pages.push(page)
  return pages
}

const entries = (count: number) =>
  Array.from({ length: count }, (_, i) => ({
    Key: `p/${String((i * 7919) % count).padStart(6, '0')}`,
    Size: i,
    LastModified: new Date(i * 1000),
  }))

it('yields a whole listing in sorted pages, and reports how much is left', async () => {
  const pages = await pagesOf(entries(2500))
  expect(pages.map(({ objects, toCome }) => [objects.length, toCome])).toEqual([
    [1000, 1500],
    [1000, 500],
    [500, 0],
  ])
  const keys = pages.flatMap(({ objects }) => objects.map(({ key }) => key))
  expect(keys).toEqual([...keys].sort())
  expect(new Set(keys).size).toBe(2500)
})

it('knows the newest time of a complete listing from its first page on', async () => {
  const pages = await pagesOf(entries(2500))
  expect(pages.map(({ newest }) => newest)).toEqual([2_499_000, 2_499_000, 2_499_000])
})

it('sorts by the bytes of keys: a character beyond U+FFFF comes after all others', async () => {
  const [page] = await pagesOf(['p/\u{1F600}', 'p/\uFF21', 'p/z'].map((Key) => ({ Key })))
  expect(page?.objects.map(({ key }) => key)).toEqual(['p/z', 'p/\uFF21', 'p/\u{1F600}'])
})

it("leaves the client's own list as it is", async () => {
  const kept = entries(1500)
  const before = [...kept]
  await pagesOf(kept)
  expect(kept).toEqual(before)
})

it('has no page for a listing of nothing', async () => {
  expect(await pagesOf([])).toEqual([])
  expect(await pagesOf(undefined)).toEqual([])
})

/** A client of S3 whose server gives these answers, one after the other, and the last one for ever. */
function server(...answers: readonly ClientListing[]): Client {
  let asked = 0
  return {
    ...client([]),
    config: { endpoint: 'http://127.0.0.1:9', keyPrefix: 'db' },
    listObjects: async () => {
      if (asked > 20) throw new Error('asked for ever')
      const answer = answers[Math.min(asked, answers.length - 1)] ?? {}
      asked += 1
      return answer
    },
  }
}

const at = new Date('2026-01-01T00:00:00Z')
const listed = (...ids: readonly string[]) =>
  ids.map((id) => ({ Key: `db/p/${id}`, Size: 0, LastModified: at }))

async function keysOf(lying: Client): Promise<string[]> {
  const keys: string[] = []
  for await (const { objects } of listPages(lying, 'p/', call)) keys.push(...objects.map(({ key }) => key))
  return keys
}

it('a listing that says it continues but not where is a failure that names it', async () => {
  const lying = server({ Contents: listed('a', 'b'), IsTruncated: true })
  await expect(keysOf(lying)).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('The listing of p/ broke off after p/b'),
  })
})

it('a server that repeats the same token for ever is asked only twice', async () => {
  const lying = server({ Contents: listed('a', 'b'), IsTruncated: true, NextContinuationToken: 'again' })
  await expect(keysOf(lying)).rejects.toMatchObject({ code: 'unavailable' })
})

it('circular tokens end the listing', async () => {
  const page = (NextContinuationToken: string) => ({
    Contents: listed('a'),
    IsTruncated: true,
    NextContinuationToken,
  })
  await expect(keysOf(server(page('x'), page('y'), page('z'), page('x')))).rejects.toMatchObject({
    code: 'unavailable',
  })
})

it('a key that is listed twice, on one page or on two, is one object', async () => {
  const lying = server(
    { Contents: listed('a', 'b', 'b'), IsTruncated: true, NextContinuationToken: 'x' },
    { Contents: listed('b', 'c'), IsTruncated: false },
  )
  expect(await keysOf(lying)).toEqual(['p/a', 'p/b', 'p/c'])
})

it('a key listed again later in an unordered listing is one object', async () => {
  const many = Array.from({ length: 3000 }, (_, index) => `${String((index * 7919) % 3000).padStart(6, '0')}`)
  const lying = server(
    { Contents: listed(...many.slice(0, 1000)), IsTruncated: true, NextContinuationToken: 'x' },
    { Contents: listed(...many.slice(1000, 2000)), IsTruncated: true, NextContinuationToken: 'y' },
    { Contents: listed(...many.slice(2000), ...many.slice(3, 500)), IsTruncated: false },
  )
  expect(await keysOf(lying)).toEqual(many.map((id) => `p/${id}`))
})

it('neither an empty page in the middle nor a token without a "truncated" flag ends the listing', async () => {
  const lying = server(
    { Contents: listed('a'), NextContinuationToken: 'x' },
    { Contents: [], IsTruncated: true, NextContinuationToken: 'y' },
    { Contents: listed('b'), IsTruncated: false },
  )
  expect(await keysOf(lying)).toEqual(['p/a', 'p/b'])
})

it('an object outside the requested prefix is not listed', async () => {
  const lying = server({
    Contents: [...listed('a'), { Key: 'db/q/x' }, { Key: 'other/p/y' }],
    IsTruncated: false,
  })
  expect(await keysOf(lying)).toEqual(['p/a'])
})

it('a missing or impossible time is not a time', async () => {
  const odd = [
    { Key: 'db/p/a' },
    { Key: 'db/p/b', LastModified: new Date(Number.NaN) },
    { Key: 'db/p/c', LastModified: '?' },
  ]
  const times: number[] = []
  for await (const { objects } of listPages(server({ Contents: odd }), 'p/', call))
    times.push(...objects.map(({ modified }) => modified))
  expect(times).toEqual([0, 0, 0])
})
