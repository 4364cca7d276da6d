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

it('hands on a listing that came whole in sorted pages, and says what is to come', async () => {
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

it('knows the newest time of a listing that came whole from its first page on', async () => {
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
